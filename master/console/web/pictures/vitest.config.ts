import { defineConfig } from "vitest/config";

// Pictures of the console, made by scripts/pictures.sh; what they are of is in
// PICTURES: docs, or every.
export default defineConfig({
  test: { root: import.meta.dirname, include: [`${process.env.PICTURES ?? "docs"}.ts`], testTimeout: 900_000, hookTimeout: 120_000 },
});
