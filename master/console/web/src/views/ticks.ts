import { inZone } from "../ui/time";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** By how much the clocks of a zone are ahead of UTC at an instant. */
export function offsetAt(millis: number, zone: string): number {
  const whole = Math.floor(millis / 1000) * 1000;
  return Date.parse(`${inZone(whole, zone).replace(" ", "T")}Z`) - whole;
}

/** The instant when a local time of a zone is, given as if it were UTC. */
const instantOf = (local: number, zone: string) => local - offsetAt(local - offsetAt(local, zone), zone);

/** The first instant of a day and that of the next. */
export function dayRange(date: string, zone: string): [number, number] {
  const local = Date.parse(`${date}T00:00:00Z`);
  return [instantOf(local, zone), instantOf(local + day, zone)];
}

/** The day that an address means by 2026-11-22 or 20261122; undefined when there is no such day. */
export function dayOf(text: string | undefined): string | undefined {
  const parts = /^(\d{4})-?(\d\d)-?(\d\d)$/.exec(text ?? "");
  if (!parts) return undefined;
  const date = parts.slice(1).join("-");
  const at = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date) ? date : undefined;
}

/** The day so many days later. */
export const dayAfter = (date: string, days: number) => new Date(Date.parse(`${date}T00:00:00Z`) + days * day).toISOString().slice(0, 10);

const steps = [1000, 5000, 15_000, 30_000, minute, 5 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day];

export type Tick = { at: number; label: string; strong: boolean };

/** Marks of an axis of time at round local times, at least `room` pixels apart. */
export function ticksOf(from: number, to: number, width: number, zone: string, room = 64): Tick[] {
  const step = steps.find((s) => (s / (to - from)) * width >= room) ?? 7 * day;
  const ticks: Tick[] = [];
  const first = Math.ceil((from + offsetAt(from, zone)) / step) * step;
  for (let local = first, at = instantOf(local, zone); at <= to && ticks.length < 200; local += step, at = instantOf(local, zone)) {
    const text = inZone(at, zone);
    const midnight = text.slice(11) === "00:00:00";
    ticks.push({ at, strong: midnight, label: midnight ? text.slice(5, 10) : text.slice(11, step < minute ? 19 : 16) });
  }
  return ticks;
}
