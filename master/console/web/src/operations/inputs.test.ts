import { expect, test } from "vitest";
import { commandOf, inputsOf, requestOf, searchOf } from "./inputs";

test("batches of an address become tasks and a range", () => {
  const i = inputsOf("rerun", { batch: "dwd_a/20240603.1,dwd_b/20240601.0" });
  expect(i).toMatchObject({ tasks: ["dwd_a", "dwd_b"], from: "20240601", to: "20240603" });
  expect(searchOf(i)).toMatchObject({ batch: undefined, task: "dwd_a,dwd_b", from: "20240601", to: "20240603", cascade: undefined });
});

test("an address brings back what it was made from", () => {
  const rerun = inputsOf("rerun", { task: "dwd_a", from: "20240601", to: "20240603", cascade: "all", mode: "failed", exclude: "x,y", reason: "why not" });
  expect(inputsOf("rerun", searchOf(rerun))).toEqual(rerun);
  const cold = inputsOf("coldstart", { project: "weblog", period: "hour", from: "2024060100", to: "2024060223", mode: "missing", reason: "new" });
  expect(cold.of).toBe("project");
  expect(inputsOf("coldstart", searchOf(cold))).toEqual(cold);
});

test("the command of a terminal says the same", () => {
  const rerun = inputsOf("rerun", { task: "dwd_a,dwd_b", from: "20240601", to: "20240603", cascade: "all", exclude: "x", reason: "it's late" });
  expect(commandOf(requestOf(rerun, "day"))).toBe("capri batch rerun dwd_a,dwd_b --range 20240601..20240603 --cascade all --exclude x --reason 'it'\\''s late'");
  const cold = inputsOf("coldstart", { task: "dwd_a", period: "hour", from: "20240601", to: "20240601", mode: "missing" });
  expect(commandOf(requestOf(cold, "hour"))).toBe("capri coldstart --period hour --range 2024060100..2024060123 --tasks dwd_a --mode missing");
});
