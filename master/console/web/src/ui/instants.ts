import { inZone } from "./time";

const offset = (at: number, zone: string) => Date.parse(`${inZone(at, zone).replace(" ", "T")}Z`) - at;

/** The instant at which the clocks of a zone show a time, as 2026-11-22T08:00; NaN when it is no time. */
export function instantOf(wall: string, zone: string): number {
  const asUTC = Date.parse(`${wall}Z`);
  if (Number.isNaN(asUTC)) return asUTC;
  const near = asUTC - offset(asUTC, zone);
  return asUTC - offset(near, zone); // again, for the days on which clocks are set
}

/** What the clocks of a zone show at an instant, as 2026-11-22T08:00. */
export const wallOf = (at: number, zone: string) => inZone(at, zone).slice(0, 16).replace(" ", "T");
