import type { Api } from "../api/client";

export type Item = Api["PlanItem"];

/** Neighbouring items of a plan that share task and decision, so that a plan of thousands fits a screen; cut as the command line cuts them. */
export type Run = { first: Item; last: Item; count: number };

const sameList = (a: string[] | null | undefined, b: string[] | null | undefined) => (a ?? []).join("\n") === (b ?? []).join("\n");

function joins(a: Item, b: Item): boolean {
  return (
    a.task === b.task && a.decision === b.decision && a.code === b.code && a.sentence === b.sentence && a.existing === b.existing &&
    (a.level ?? 0) === (b.level ?? 0) && sameList(a.via, b.via) && sameList(a.warnings, b.warnings)
  );
}

export function runsOf(items: Item[]): Run[] {
  const runs: Run[] = [];
  for (const item of items) {
    const before = runs.at(-1);
    if (before && joins(before.last, item)) {
      before.last = item;
      before.count++;
    } else runs.push({ first: item, last: item, count: 1 });
  }
  return runs;
}

/** What is shown of a plan: a decision, or what has a warning or is blocked. */
export const shownKinds = ["all", "create", "skip", "block", "warned"] as const;
export type Shown = (typeof shownKinds)[number];

export const warned = (item: Item) => (item.warnings ?? []).length > 0;

export function filterItems(items: Item[], shown: Shown): Item[] {
  if (shown === "all") return items;
  return items.filter((item) => (shown === "warned" ? warned(item) : item.decision === shown));
}

/** What a tick at a line leaves out: the batch where each has a line of its own, otherwise its task; what is left out has none. */
export function ticked({ first }: Run, each: boolean): string | undefined {
  if (first.code === "SKIP_EXCLUDED") return undefined;
  return each ? `${first.task}/${first.workNo}` : first.task;
}

/** How much running a plan means, by what its batches usually take. */
export const workOf = (items: Item[]) => items.reduce((sum, item) => sum + (item.decision === "create" ? (item.expected ?? 0) : 0), 0);

export type TaskSum = { task: string; create: number; skip: number; block: number; first: string; last: string; expected: number };

/** A plan task by task, in its order. */
export function byTask(items: Item[]): TaskSum[] {
  const sums = new Map<string, TaskSum>();
  for (const item of items) {
    const sum = sums.get(item.task) ?? { task: item.task, create: 0, skip: 0, block: 0, first: item.workNo, last: item.workNo, expected: 0 };
    sums.set(item.task, sum);
    if (item.decision === "create") sum.create++;
    else if (item.decision === "block") sum.block++;
    else sum.skip++;
    if (item.workNo < sum.first) sum.first = item.workNo;
    if (item.workNo > sum.last) sum.last = item.workNo;
    sum.expected += item.decision === "create" ? (item.expected ?? 0) : 0;
  }
  return [...sums.values()];
}

/** The batch that is there already, if there is one. */
export function existingRef(item: Item): string | undefined {
  if (!item.existing) return undefined;
  const run = item.decision === "create" ? item.run - 1 : item.run;
  return `${item.task}/${item.workNo}.${Math.max(0, run)}`;
}
