import { expect, it } from "vitest";
import { around, earlier, endOf, later, most } from "./logwindow";
import type { Line } from "./logtext";

const lines = Array.from({ length: 1000 }, (_, i) => ({ offset: i * 10, end: i * 10 + 10, text: `line ${i}` }) as Line);
const log = {
  standing: { start: 0, size: 10_000 } as never,
  lastLines: (n: number) => Promise.resolve(lines.slice(-n)),
  linesFrom: (offset: number, n: number) => Promise.resolve(lines.filter((l) => l.end > offset).slice(0, n)),
  linesBefore: (offset: number, n: number) => Promise.resolve(lines.filter((l) => l.offset < offset).slice(-n)),
};
const numbers = (rows?: Line[]) => rows && [(rows[0]?.offset ?? 0) / 10, (rows.at(-1)?.offset ?? 0) / 10, rows.length];

it.each([
  ["the end", () => endOf(log), [800, 999, most]],
  ["a place", () => around(log, 5000), [400, 599, most]],
  ["a place near the beginning", () => around(log, 30), [0, 102, 103]],
  ["earlier", () => earlier(log, lines.slice(100, 300)), [20, 219, most]],
  ["earlier than the beginning", () => earlier(log, lines.slice(0, 200)), undefined],
  ["later", () => later(log, lines.slice(100, 300)), [180, 379, most]],
  ["later than the end", () => later(log, lines.slice(800)), undefined],
  ["later, when there are no rows", () => later(log, []), undefined],
])("shows rows of %s", async (_, read, want) => {
  expect(numbers(await read())).toEqual(want);
});

it("reads a last line anew that has grown", async () => {
  const short = { ...(lines[500] as Line), end: 5005, text: "li" };
  const rows = await later(log, [...lines.slice(400, 500), short]);
  expect(rows?.filter((l) => l.offset === 5000)).toEqual([lines[500]]);
});
