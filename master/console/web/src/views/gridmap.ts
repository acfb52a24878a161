import type { Api } from "../api/client";
import { type Standing, standingOfCode } from "./looks";

/** Sizes of the drawn grid in CSS pixels. */
export const cellSize = 24;
export const headHeight = 42;

/** One row of the grid, ready to be looked up by column. */
export type Row = { task: string; project: string; title: string; enabled: boolean; cells: string; runs: ReadonlyMap<number, number>; late: ReadonlyMap<number, number>; group?: { tasks: number; open: boolean } }; // group: a heading of a project

export type Spot = { row: number; col: number };
export type Rect = { top: number; left: number; bottom: number; right: number }; // all included

type Pairs = Api["GridRow"]["runs"];

const toMap = (pairs: Pairs) => new Map((pairs ?? []).flatMap((p) => (p ? [[p[0]!, p[1]!] as const] : [])));

/** Readies the rows of an answer. */
export const readRows = (rows: Api["GridRow"][] | null): Row[] =>
  (rows ?? []).map((r) => ({ task: r.task, project: r.project, title: r.title ?? "", enabled: r.enabled, cells: r.cells, runs: toMap(r.runs), late: toMap(r.late) }));

/** What is in a cell: nothing when there is no batch. */
export type Cell = { standing: Standing; runs: number; late: number; ref: string };

export function cellOf(rows: Row[], cols: string[], at: Spot): Cell | undefined {
  const row = rows[at.row];
  const col = cols[at.col];
  const standing = standingOfCode(row?.cells[at.col]);
  if (!row || col === undefined || !standing) return undefined;
  const runs = row.runs.get(at.col) ?? 1;
  return { standing, runs, late: row.late.get(at.col) ?? 0, ref: `${row.task}/${col}.${runs - 1}` };
}

/** The first and last index of what shows between two offsets of a list of equal sizes. */
export function visible(offset: number, extent: number, size: number, count: number): [number, number] {
  const first = Math.max(0, Math.floor(offset / size));
  const last = Math.min(count - 1, Math.floor((offset + extent - 1) / size));
  return [first, last];
}

/** The cell at a point of the canvas; the head has none. */
export function spotAt(x: number, y: number, scroll: { left: number; top: number }, size: { rows: number; cols: number }): Spot | undefined {
  if (y < headHeight || x < 0) return undefined;
  const spot = { row: Math.floor((y - headHeight + scroll.top) / cellSize), col: Math.floor((x + scroll.left) / cellSize) };
  return spot.row < size.rows && spot.col < size.cols ? spot : undefined;
}

export const rectOf = (a: Spot, b: Spot): Rect => ({
  top: Math.min(a.row, b.row), bottom: Math.max(a.row, b.row), left: Math.min(a.col, b.col), right: Math.max(a.col, b.col),
});

/** What a rectangle holds: how many batches, and of which tasks. */
export function contentsOf(rows: Row[], rect: Rect): { batches: number; tasks: string[] } {
  let batches = 0;
  const tasks: string[] = [];
  for (const row of rows.slice(rect.top, rect.bottom + 1)) {
    const there = row.cells.slice(rect.left, rect.right + 1).replaceAll(".", "").length;
    batches += there;
    if (there > 0) tasks.push(row.task);
  }
  return { batches, tasks };
}

/** Where a key leads from a cell; nothing when it is not a key that moves. */
export function moved(at: Spot, key: string, size: { rows: number; cols: number }, page: number): Spot | undefined {
  const steps: Record<string, Spot> = {
    ArrowUp: { row: at.row - 1, col: at.col }, ArrowDown: { row: at.row + 1, col: at.col },
    ArrowLeft: { row: at.row, col: at.col - 1 }, ArrowRight: { row: at.row, col: at.col + 1 },
    PageUp: { row: at.row - page, col: at.col }, PageDown: { row: at.row + page, col: at.col },
    Home: { row: at.row, col: 0 }, End: { row: at.row, col: size.cols - 1 },
  };
  const to = steps[key];
  if (!to) return undefined;
  return { row: clamp(to.row, size.rows), col: clamp(to.col, size.cols) };
}

const clamp = (n: number, count: number) => Math.max(0, Math.min(count - 1, n));

/** A work number in two parts: what neighbours share, and the hour, day or month. */
export const partsOf = (workNo: string): [string, string] => [workNo.slice(0, -2), workNo.slice(-2)];
