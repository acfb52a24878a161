import type { LogSource } from "./logsource";
import { pause } from "../ui/pause";

const pace = 300; // between two looks at a log that grows
const patience = 3000; // after a look that failed

type Ways = { begin: () => Promise<unknown>; grow: () => Promise<unknown>; fail: (trouble: unknown) => void };

/** Reads the beginning, then waits for more until the attempt has ended; goes on after a failure. */
export async function keepReading(stop: AbortSignal, s: LogSource, { begin, grow, fail }: Ways) {
  let begun = false;
  while (!stop.aborted && !(begun && (s.standing?.done ?? false))) {
    try {
      await (begun ? grow() : begin());
      begun = true;
      await pause(pace, stop);
    } catch (error) {
      if (stop.aborted) return;
      fail(error);
      if (refused(error)) return;
      await pause(patience, stop);
    }
  }
}

const refused = (error: unknown) => typeof error === "object" && error !== null && "status" in error && [401, 403, 404, 422].includes(Number(error.status));
