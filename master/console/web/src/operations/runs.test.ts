import { expect, test } from "vitest";
import { type Item, byTask, existingRef, filterItems, runsOf, ticked, workOf } from "./runs";

const item = (workNo: string, more: Partial<Item> = {}): Item => ({ task: "dwd_a", workNo, run: 0, scheduledAt: 1, bizStart: 1, bizEnd: 2, decision: "create", code: "CREATE_NEW", expected: 1000, ...more });

test("neighbours that are decided alike are one line", () => {
  const items = [item("20240601"), item("20240602"), item("20240603", { decision: "skip", code: "SKIP_UNFINISHED" }), item("20240604")];
  expect(runsOf(items).map((r) => [r.first.workNo, r.last.workNo, r.count])).toEqual([["20240601", "20240602", 2], ["20240603", "20240603", 1], ["20240604", "20240604", 1]]);
  expect(workOf(items)).toBe(3000);
  expect(byTask(items)).toEqual([{ task: "dwd_a", create: 3, skip: 1, block: 0, first: "20240601", last: "20240604", expected: 3000 }]);
});

test("what is shown is a decision or a warning", () => {
  const items = [item("20240601", { warnings: ["WARN_PARTIAL"] }), item("20240602", { decision: "block" })];
  expect(filterItems(items, "warned")).toEqual([items[0]]);
  expect(filterItems(items, "block")).toEqual([items[1]]);
  expect(filterItems(items, "all")).toBe(items);
});

test("the batch that is there is the run before the new one", () => {
  expect(existingRef(item("20240601"))).toBeUndefined();
  expect(existingRef(item("20240601", { run: 2, existing: "success" }))).toBe("dwd_a/20240601.1");
  expect(existingRef(item("20240601", { run: 2, existing: "running", decision: "skip" }))).toBe("dwd_a/20240601.2");
});

test("a tick is of a task, or of a batch where each has a line; what is left out has none", () => {
  const line = (more: Partial<Item>) => ({ first: item("20240601", more), last: item("20240602", more), count: 2 });
  expect(ticked(line({}), false)).toBe("dwd_a");
  expect(ticked(line({}), true)).toBe("dwd_a/20240601");
  expect(ticked(line({ decision: "skip", code: "SKIP_EXCLUDED" }), true)).toBeUndefined();
  expect(ticked(line({ decision: "skip", code: "SKIP_EXCLUDED" }), false)).toBeUndefined();
});
