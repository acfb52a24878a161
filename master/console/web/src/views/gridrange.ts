import { dayIn } from "../ui/time";
import type { Search } from "../ui/url";

export const periods = ["hour", "day", "week", "month"] as const;
export type Period = (typeof periods)[number];

/** How many columns can be chosen at once for a period; the first is what the master gives by itself. */
export const counts: Record<Period, readonly number[]> = { hour: [48, 24, 96, 168], day: [30, 14, 60, 90], week: [14, 26, 52], month: [14, 24, 36] };

const hour = 3_600_000;
const lengths: Record<Period, number> = { hour, day: 24 * hour, week: 7 * 24 * hour, month: 30.44 * 24 * hour };

export const periodOf = (url: Search): Period => periods.find((p) => p === url.period) ?? "day";

/** The range that the address asks for; without one the master gives its usual number of columns. */
export function rangeOf(url: Search, now: number, zone: string): { from?: string; to?: string } {
  if (url.from || url.to) return { from: url.from || undefined, to: url.to || undefined };
  const period = periodOf(url);
  const n = Number(url.n);
  if (!Number.isInteger(n) || !counts[period].slice(1).includes(n)) return {};
  const first = now - n * lengths[period];
  return { from: period === "hour" ? String(Math.ceil(first / hour) * hour) : dayIn(first + lengths.day, zone) };
}
