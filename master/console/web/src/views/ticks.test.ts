import { expect, test } from "vitest";
import { dayAfter, dayOf, dayRange, offsetAt, ticksOf } from "./ticks";

const hour = 3_600_000;

test("a day is as long as the clocks of its zone make it", () => {
  expect(dayRange("2026-11-22", "Asia/Shanghai")).toEqual([Date.UTC(2026, 10, 21, 16), Date.UTC(2026, 10, 22, 16)]);
  const [from, to] = dayRange("2026-03-29", "Europe/Berlin");
  expect((to - from) / hour).toBe(23);
  const [back, end] = dayRange("2026-10-25", "Europe/Berlin");
  expect((end - back) / hour).toBe(25);
});

test("a zone is ahead of UTC by its offset", () => {
  expect(offsetAt(Date.UTC(2026, 6, 1) + 1, "Asia/Kolkata")).toBe(5.5 * hour);
});

test("days follow each other over the end of a year", () => {
  expect(dayAfter("2026-12-31", 1)).toBe("2027-01-01");
  expect(dayAfter("2027-01-01", -1)).toBe("2026-12-31");
});

test("ticks are at round local times, with the date at midnight", () => {
  const [from, to] = dayRange("2026-11-22", "Asia/Kolkata");
  const ticks = ticksOf(from, to, 900, "Asia/Kolkata");
  expect(ticks.map((t) => t.label).slice(0, 4)).toEqual(["11-22", "02:00", "04:00", "06:00"]);
  expect(ticks.at(-1)).toMatchObject({ label: "11-23", strong: true });
});

test("ticks keep their distance", () => {
  const ticks = ticksOf(0, 10_000, 300, "UTC");
  expect(ticks.map((t) => t.label)).toEqual(["01-01", "00:00:05", "00:00:10"]);
});

test.each([
  ["2026-11-22", "2026-11-22"],
  ["20261122", "2026-11-22"],
  ["2026-02-30", undefined],
  ["2026-13-01", undefined],
  ["today", undefined],
  ["", undefined],
  [undefined, undefined],
])("an address means by the day %s %s", (text, want) => expect(dayOf(text)).toBe(want));
