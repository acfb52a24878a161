import type { Api } from "../api/client";
import { isLate } from "../ui/states";

type Ended = Pick<Api["Batch"], "finish" | "startedAt" | "endedAt" | "dependTimeoutAt" | "outputTimeoutAt">;

/** How the recent batches of a task have gone; durations in milliseconds are those of successful ones, the oldest first. */
export type Trend = {
  count: number;
  successful: number;
  late: number;
  durations: number[];
  p50: number;
  p90: number;
  drift?: number; // by which part the newer half took longer on average; left out of a few, and when it is little
};

const enough = 6; // durations, before halves of them are compared
const noticeable = 0.1;

/** The smallest of these numbers that so many of them do not exceed: 0.5 is half of them. 0 for none. */
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
}

/** Sums up batches that have ended, the newest first. What was skipped has not run and does not count. */
export function trendOf(newestFirst: readonly Ended[]): Trend {
  const counted = newestFirst.filter((b) => b.finish !== "skipped").reverse();
  const successful = counted.filter((b) => b.finish === "success");
  const durations = successful.flatMap((b) => (b.startedAt && b.endedAt ? [Math.max(0, b.endedAt - b.startedAt)] : []));
  return {
    count: counted.length,
    successful: successful.length,
    late: counted.filter(isLate).length,
    durations,
    p50: quantile(durations, 0.5),
    p90: quantile(durations, 0.9),
    drift: driftOf(durations),
  };
}

function driftOf(durations: number[]): number | undefined {
  if (durations.length < enough) return undefined;
  const middle = Math.floor(durations.length / 2);
  const before = mean(durations.slice(0, middle));
  if (before === 0) return undefined;
  const drift = mean(durations.slice(-middle)) / before - 1;
  return Math.abs(drift) < noticeable ? undefined : drift;
}

const mean = (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

/** A line through numbers in a box, as points of an SVG; the box begins at 0. */
export function lineThrough(numbers: readonly number[], width: number, height: number): string {
  const most = Math.max(1, ...numbers);
  const step = numbers.length > 1 ? width / (numbers.length - 1) : 0;
  return numbers.map((n, i) => `${round(i * step)},${round(height - (n / most) * height)}`).join(" ");
}

const round = (n: number) => Math.round(n * 10) / 10;
