import { defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";

/** Says only what went wrong: the figures are printed as they come. */
const quiet: Reporter = {
  onTestModuleEnd(all) {
    const failed = [...all.children.allTests("failed")].flatMap((one) => one.result().errors ?? []);
    for (const error of [...all.errors(), ...failed]) console.error(error.message);
  },
};

// The budgets of the console (scripts/bench-console.sh). They are no tests: none of those asserts a time.
export default defineConfig({
  test: { include: ["bench/budgets.ts"], testTimeout: 3_600_000, hookTimeout: 3_600_000, disableConsoleIntercept: true, bail: 1, reporters: [quiet] },
});
