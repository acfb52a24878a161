import { expect, test } from "vitest";
import { closedOf, grouped, turned } from "./gridgroups";
import { cellOf, contentsOf, readRows } from "./gridmap";

const rows = readRows([
  { task: "a", project: "shop", enabled: true, cells: "S" },
  { task: "b", project: "ads", enabled: true, cells: "F" },
  { task: "c", project: "shop", enabled: true, cells: "." },
]);
const shown = (closed?: string) => grouped(rows, closedOf(closed)).map((r) => (r.group ? `${r.project} ${r.group.tasks} ${r.group.open ? "open" : "closed"}` : r.task));

test.each([
  [undefined, ["ads 1 open", "b", "shop 2 open", "a", "c"]],
  ["shop", ["ads 1 open", "b", "shop 2 closed"]],
  ["ads,shop,gone", ["ads 1 closed", "shop 2 closed"]],
])("with %s closed", (closed, want) => expect(shown(closed)).toEqual(want));

test("a heading has no batches", () => {
  const all = grouped(rows, new Set());
  expect(cellOf(all, ["20261122"], { row: 0, col: 0 })).toBeUndefined();
  expect(contentsOf(all, { top: 0, bottom: 4, left: 0, right: 0 })).toEqual({ batches: 2, tasks: ["b", "a"] });
});

test.each([
  [undefined, "shop", "shop"],
  ["shop", "shop", undefined],
  ["shop", "ads", "ads,shop"],
])("from %s, %s turned over is %s", (closed, project, want) => expect(turned(closedOf(closed), project)).toBe(want));
