import { expect, test } from "vitest";
import { inputsOf, leavingOut, requestOf, searchAgain, searchOf } from "./inputs";

test("batches of an address become tasks and a range", () => {
  const i = inputsOf("rerun", { batch: "dwd_a/20240603.1,dwd_b/20240601.0" });
  expect(i).toMatchObject({ tasks: ["dwd_a", "dwd_b"], from: "20240601", to: "20240603" });
  expect(searchOf(i)).toMatchObject({ batch: undefined, task: "dwd_a,dwd_b", from: "20240601", to: "20240603", cascade: undefined });
});

test("an address brings back what it was made from", () => {
  const rerun = inputsOf("rerun", { task: "dwd_a", from: "20240601", to: "20240603", cascade: "all", mode: "failed", exclude: "x,y/20240602", reason: "why not" });
  expect(inputsOf("rerun", searchOf(rerun))).toEqual(rerun);
  const cold = inputsOf("coldstart", { project: "weblog", period: "hour", from: "2024060100", to: "2024060223", mode: "missing", exclude: "y", reason: "new" });
  expect(cold.of).toBe("project");
  expect(inputsOf("coldstart", searchOf(cold))).toEqual(cold);
});

test("what was asked for once is asked for again", () => {
  const rerun = { kind: "rerun", tasks: ["dwd_a"], cascade: "all", from: "20240601", to: "20240603", mode: "failed", exclude: ["x", "dwd_a/20240602"], reason: "late" };
  expect(requestOf(inputsOf("rerun", searchAgain(rerun) ?? {}), "day")).toEqual(rerun);
  const cold = { kind: "coldstart", period: "day", project: "weblog", from: "20240601", to: "20240603", mode: "all", exclude: undefined, tasks: undefined, reason: "new" };
  expect(requestOf(inputsOf("coldstart", searchAgain(cold) ?? {}), "day")).toEqual(cold);
  expect(searchAgain({ kind: "kill", refs: ["a/1.0"] })).toBeUndefined();
});

test("a task that is left out makes its batches needless", () => {
  expect(leavingOut(["a/1", "b"], ["a/2", "b"])).toEqual(["a/1", "b", "a/2"]);
  expect(leavingOut(["a/1", "b/1"], ["a"])).toEqual(["b/1", "a"]);
  expect(leavingOut(["a"], ["a/2"])).toEqual(["a"]);
});
