import { expect, test } from "vitest";
import { commandOf } from "./command";
import { inputsOf, requestOf } from "./inputs";

test("the command of a terminal says the same", () => {
  const rerun = inputsOf("rerun", { task: "dwd_a,dwd_b", from: "20240601", to: "20240603", cascade: "all", exclude: "x,dwd_a/20240602", reason: "it's late" });
  expect(commandOf(requestOf(rerun, "day"))).toBe("capri batch rerun dwd_a,dwd_b --range 20240601..20240603 --cascade all --exclude x,dwd_a/20240602 --reason 'it'\\''s late'");
  const cold = inputsOf("coldstart", { task: "dwd_a", period: "hour", from: "20240601", to: "20240601", mode: "missing", exclude: "dwd_a/2024060107" });
  expect(commandOf(requestOf(cold, "hour"))).toBe("capri coldstart --period hour --range 2024060100..2024060123 --tasks dwd_a --mode missing --exclude dwd_a/2024060107");
});

test("commands on batches that are there are said, too", () => {
  expect(commandOf({ kind: "mark", refs: ["a/20240601.0", "b/20240601"], result: "success", reason: "by hand" })).toBe("capri batch mark a/20240601.0 b/20240601 success --reason 'by hand'");
  expect(commandOf({ kind: "hold", tasks: ["a", "b"], from: "20240601", to: "20240602", until: 1717200000000, reason: "r" })).toBe("capri batch hold --task a,b --range 20240601..20240602 --until 2024-06-01T00:00:00.000Z --reason r");
  expect(commandOf({ kind: "kill", state: "running", host: "w1", operation: 7 })).toBe("capri batch kill --state running --host w1 --operation 7");
  expect(commandOf({ kind: "execute" })).toBeUndefined();
});
