import { defineConfig } from "vitest/config";

// Two kinds: what is computed, and what people do in a browser with a real
// `capri dev` behind it (scripts/browser.sh).
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["src/**/*.test.ts"] } },
      { test: { name: "browser", include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 120_000, fileParallelism: false } },
    ],
  },
});
