import type { LogSource } from "./logsource";
import type { Line } from "./logtext";

/** The rows that are there at a time. */
export const most = 200;
const step = 80; // rows that come at once when one scrolls

type Reader = Pick<LogSource, "standing" | "lastLines" | "linesFrom" | "linesBefore">;

/** The rows at the end of a log. */
export const endOf = (s: Reader) => s.lastLines(most);

/** The rows around a place. */
export async function around(s: Reader, offset: number): Promise<Line[]> {
  const behind = await s.linesFrom(offset, most / 2);
  const before = behind[0] ? await s.linesBefore(behind[0].offset, most / 2) : [];
  return [...before, ...behind];
}

/** The rows, moved towards the beginning; undefined where the log begins. */
export async function earlier(s: Reader, rows: Line[]): Promise<Line[] | undefined> {
  const first = rows[0];
  if (first === undefined || first.offset <= (s.standing?.start ?? 0)) return undefined;
  const before = await s.linesBefore(first.offset, step);
  return before.length > 0 ? [...before, ...rows].slice(0, most) : undefined;
}

/** The rows, moved towards the end; undefined where the log ends for now. */
export async function later(s: Reader, rows: Line[]): Promise<Line[] | undefined> {
  const last = rows.at(-1);
  if (last === undefined || last.end >= (s.standing?.size ?? 0)) return undefined;
  const behind = await s.linesFrom(last.end, step);
  const from = behind[0]?.offset ?? last.end; // a last line that has grown is read anew
  return behind.length > 0 ? [...rows.filter((l) => l.offset < from), ...behind].slice(-most) : undefined;
}
