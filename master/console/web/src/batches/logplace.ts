import { indexAt, type Line } from "./logtext";

/** Where the box is to be scrolled to once rows are there: to the end, to a place, or to what was seen before. */
export type Goal = { kind: "end" | "keep" } | { kind: "at"; offset: number };
export type View = { lines: Line[]; goal: Goal };

export type Anchor = { offset: string; top: number };

/** The row at the top of what is seen, and how far from the top it is. */
export function anchorIn(el: HTMLDivElement | null): Anchor | undefined {
  const row = el && rowAtTop(el);
  return row ? { offset: row.dataset.offset ?? "", top: row.offsetTop - el.scrollTop } : undefined;
}

/** The first row of which something is seen. */
export function rowAtTop(el: HTMLElement): HTMLElement | undefined {
  return [...el.querySelectorAll<HTMLElement>("[data-offset]")].find((row) => row.offsetTop + row.offsetHeight > el.scrollTop);
}

/** Scrolls the box to its goal. */
export function place(el: HTMLDivElement, { lines, goal }: View, anchor?: Anchor) {
  const rows = [...el.querySelectorAll<HTMLElement>("[data-offset]")];
  if (goal.kind === "end") el.scrollTop = el.scrollHeight;
  if (goal.kind === "at") {
    const row = rows[indexAt(lines, goal.offset)];
    if (row) el.scrollTop = row.offsetTop - el.clientHeight / 3;
  }
  if (goal.kind === "keep" && anchor) {
    const row = rows.find((r) => r.dataset.offset === anchor.offset);
    if (row) el.scrollTop = row.offsetTop - anchor.top;
  }
}
