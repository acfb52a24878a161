import { expect, it } from "vitest";
import { differsByFilter } from "./pagedlist";

it.each([
  ["another filter of the same list", ["batch", "list", { state: "failed" }], ["batch", "list", { state: "lost" }], true],
  ["the same list of another task", ["task", "rights", "a"], ["task", "rights", "b"], false],
  ["another filter, and another task", ["batch", "runs", "a", {}], ["batch", "runs", "b", { state: "lost" }], false],
  ["another filter of the same task", ["batch", "runs", "a", {}], ["batch", "runs", "a", { state: "lost" }], true],
  ["another list", ["batch", "list", {}], ["batch", "list", "more", {}], false],
  ["nothing before", undefined, ["batch", "list", {}], false],
])("rows stay or go: %s", (_, before, key, stay) => {
  expect(differsByFilter(before, key)).toBe(stay);
});
