import type { Api } from "../api/client";

type Batch = Api["Batch"];

export const laneHeight = 24;
const gap = 4;

/** When a batch has waited and when it has run; without an end it still does. */
export type Bar = { batch: Batch; from: number; ranFrom?: number; end?: number; lane: number };

/** The bars of a task or a worker, in lanes so that none covers another. */
export type Group = { name: string; bars: Bar[]; lanes: number; top: number; height: number };

export type By = "task" | "worker";

function barOf(b: Batch, by: By): Bar {
  const waited = Math.max(b.scheduledAt, b.createdAt);
  const start = b.startedAt || undefined;
  const from = by === "worker" ? (b.assignedAt || start || waited) : Math.min(waited, start ?? waited);
  return { batch: b, from, ranFrom: start, end: b.endedAt || undefined, lane: 0 };
}

/** Groups batches and puts their bars into lanes; those without a worker have no bar by worker. */
export function groupsOf(batches: Batch[], by: By): Group[] {
  const named = new Map<string, Bar[]>();
  for (const b of batches) {
    const name = by === "task" ? b.task : b.host;
    if (!name) continue;
    const bars = named.get(name);
    if (bars) bars.push(barOf(b, by));
    else named.set(name, [barOf(b, by)]);
  }
  const groups = [...named].map(([name, bars]) => ({ name, bars: bars.sort((a, b) => a.from - b.from), lanes: intoLanes(bars) }));
  groups.sort((a, b) => (by === "worker" ? a.name.localeCompare(b.name) : (a.bars[0]?.from ?? 0) - (b.bars[0]?.from ?? 0) || a.name.localeCompare(b.name)));
  let top = 0;
  return groups.map((g) => {
    const group = { ...g, top, height: g.lanes * laneHeight + gap };
    top += group.height;
    return group;
  });
}

function intoLanes(bars: Bar[]): number {
  const ends: number[] = [];
  for (const bar of bars) {
    const free = ends.findIndex((end) => end <= bar.from);
    bar.lane = free < 0 ? ends.length : free;
    ends[bar.lane] = bar.end ?? Number.POSITIVE_INFINITY;
  }
  return ends.length;
}

/** From the first beginning to the last end of all bars. */
export function extentOf(groups: Group[], now: number): [number, number] | undefined {
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (const g of groups) {
    for (const b of g.bars) {
      from = Math.min(from, b.from);
      to = Math.max(to, b.end ?? now);
    }
  }
  return to === 0 ? undefined : [from, Math.max(to, from + 1000)];
}

export type Span = { from: number; to: number };

const shortest = 5_000;
const longest = 60 * 86_400_000;

/** The part of time that is seen, made longer or shorter around a point of it (0 to 1). */
export function zoomedSpan(s: Span, factor: number, around = 0.5): Span {
  const long = Math.max(shortest, Math.min(longest, (s.to - s.from) / factor));
  const from = s.from + (s.to - s.from - long) * around;
  return { from: Math.round(from), to: Math.round(from + long) };
}

export const pannedSpan = (s: Span, share: number): Span => {
  const by = Math.round((s.to - s.from) * share);
  return { from: s.from + by, to: s.to + by };
};

/** The groups that show between two offsets. */
export function groupsWithin(groups: Group[], top: number, bottom: number): Group[] {
  return groups.filter((g) => g.top < bottom && g.top + g.height > top);
}

/** The bar at a place: an instant, with some tolerance, and an offset from the top. */
export function barAt(groups: Group[], at: number, y: number, tolerance: number, now: number): Bar | undefined {
  const group = groups.find((g) => y >= g.top && y < g.top + g.height);
  const lane = group && Math.floor((y - group.top - gap / 2) / laneHeight);
  return group?.bars.find((b) => b.lane === lane && at >= b.from - tolerance && at <= (b.end ?? now) + tolerance);
}
