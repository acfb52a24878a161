import type { Api } from "../api/client";
import { type Look, isLate, lookOf } from "../ui/states";
import { dayIn } from "../ui/time";

/** The batches of a day: how many look how, and the one that needs most attention. */
export type Day = { day: string; worst: Look; counts: Partial<Record<Look, number>>; late: number; total: number };

/** What needs attention first; a day looks like the first of these it has. */
export const byAttention: Look[] = ["failed", "killed", "held", "waiting", "assigned", "running", "skipped", "ok"];

/** Counts batches by the day they were scheduled on, in a zone. */
export function tally(batches: Api["Batch"][], zone: string): Map<string, Day> {
  const days = new Map<string, Day>();
  for (const b of batches) {
    const name = dayIn(b.scheduledAt, zone);
    const day = days.get(name) ?? { day: name, worst: "ok", counts: {}, late: 0, total: 0 };
    const look = lookOf(b);
    day.counts[look] = (day.counts[look] ?? 0) + 1;
    day.total++;
    if (isLate(b)) day.late++;
    day.worst = byAttention.find((l) => day.counts[l]) ?? "ok";
    days.set(name, day);
  }
  return days;
}

export type Month = { name: string; weeks: (string | undefined)[][] };

const two = (n: number) => String(n).padStart(2, "0");

/** The months up to that of a day, oldest first, each in weeks from Monday on. */
export function monthsUpTo(today: string, count: number): Month[] {
  const [year = 1970, month = 1] = today.split("-").map(Number);
  return Array.from({ length: count }, (_, i) => monthOf(new Date(Date.UTC(year, month - count + i, 1))));
}

function monthOf(first: Date): Month {
  const name = `${first.getUTCFullYear()}-${two(first.getUTCMonth() + 1)}`;
  const length = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const before = (first.getUTCDay() + 6) % 7; // days of the week that belong to the month before
  const cells: (string | undefined)[] = Array.from({ length: before }, () => undefined);
  for (let d = 1; d <= length; d++) cells.push(`${name}-${two(d)}`);
  while (cells.length % 7 !== 0) cells.push(undefined);
  const weeks = Array.from({ length: cells.length / 7 }, (_, w) => cells.slice(w * 7, w * 7 + 7));
  return { name, weeks };
}
