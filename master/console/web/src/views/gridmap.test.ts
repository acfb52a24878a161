import { expect, test } from "vitest";
import { cellOf, cellSize, contentsOf, headHeight, moved, partsOf, readRows, rectOf, spotAt, visible } from "./gridmap";

const cols = ["20261119", "20261120", "20261121"];
const rows = readRows([
  { task: "a", project: "p", enabled: true, cells: "SF.", runs: [[1, 3]], late: [[1, 2]] },
  { task: "b", project: "p", enabled: true, cells: "..L" },
  { task: "c", project: "p", enabled: false, cells: "...", runs: null, late: null },
]);

test("a cell is the newest run of its batch", () => {
  expect(cellOf(rows, cols, { row: 0, col: 1 })).toEqual({ standing: { look: "failed", word: "failed" }, runs: 3, late: 2, ref: "a/20261120.2" });
  expect(cellOf(rows, cols, { row: 1, col: 2 })).toMatchObject({ standing: { look: "failed", word: "lost" }, ref: "b/20261121.0" });
  expect(cellOf(rows, cols, { row: 0, col: 2 })).toBeUndefined();
  expect(cellOf(rows, cols, { row: 9, col: 0 })).toBeUndefined();
});

test("a rectangle counts batches and names the tasks that have some", () => {
  expect(contentsOf(rows, rectOf({ row: 2, col: 1 }, { row: 0, col: 0 }))).toEqual({ batches: 2, tasks: ["a"] });
  expect(contentsOf(rows, rectOf({ row: 0, col: 0 }, { row: 2, col: 2 }))).toEqual({ batches: 3, tasks: ["a", "b"] });
});

test("a point is a cell, but not in the head and not behind the last", () => {
  const size = { rows: 3, cols: 3 };
  const still = { left: 0, top: 0 };
  expect(spotAt(1, headHeight - 1, still, size)).toBeUndefined();
  expect(spotAt(1, headHeight, still, size)).toEqual({ row: 0, col: 0 });
  expect(spotAt(1, headHeight, { left: cellSize, top: 2 * cellSize }, size)).toEqual({ row: 2, col: 1 });
  expect(spotAt(3 * cellSize, headHeight, still, size)).toBeUndefined();
});

test("only what is seen is drawn", () => {
  expect(visible(0, 48, 24, 100)).toEqual([0, 1]);
  expect(visible(12, 48, 24, 100)).toEqual([0, 2]);
  expect(visible(2380, 100, 24, 100)).toEqual([99, 99]);
});

test("keys stay within the grid", () => {
  const size = { rows: 3, cols: 3 };
  expect(moved({ row: 0, col: 0 }, "ArrowUp", size, 10)).toEqual({ row: 0, col: 0 });
  expect(moved({ row: 0, col: 1 }, "PageDown", size, 10)).toEqual({ row: 2, col: 1 });
  expect(moved({ row: 1, col: 0 }, "End", size, 10)).toEqual({ row: 1, col: 2 });
  expect(moved({ row: 1, col: 0 }, "x", size, 10)).toBeUndefined();
});

test("a work number is text in two parts", () => {
  expect(partsOf("2026112214")).toEqual(["20261122", "14"]);
  expect(partsOf("202611")).toEqual(["2026", "11"]);
});
