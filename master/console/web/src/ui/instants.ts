import { inZone } from "./time";

const offset = (at: number, zone: string) => Date.parse(`${inZone(at, zone).replace(" ", "T")}Z`) - at;

/** The instant at which the clocks of a zone show a time, as 2026-11-22T08:00; NaN when it is no time. */
export function instantOf(wall: string, zone: string): number {
  const asUTC = Date.parse(`${wall}Z`);
  if (Number.isNaN(asUTC)) return asUTC;
  const near = asUTC - offset(asUTC, zone);
  return asUTC - offset(near, zone); // again, for the days on which clocks are set
}

/** An instant as the clocks of a zone show it, with how far they are from UTC: 2026-11-22T08:00:05+08:00. */
export function isoIn(at: number, zone: string): string {
  const whole = Math.floor(at / 1000) * 1000;
  const minutes = Math.round(offset(whole, zone) / 60_000);
  const two = (n: number) => String(n).padStart(2, "0");
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${inZone(whole, zone).replace(" ", "T")}${minutes < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`;
}

/** What the clocks of a zone show at an instant, as 2026-11-22T08:00. */
export const wallOf = (at: number, zone: string) => inZone(at, zone).slice(0, 16).replace(" ", "T");
