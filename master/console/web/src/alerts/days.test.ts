import { expect, test } from "vitest";
import { addDays, daysFrom, firstOf, isDay, mondayOf, weekday } from "./days";

test("days go over months and years", () => {
  expect(addDays("20261231", 1)).toBe("20270101");
  expect(addDays("20280301", -1)).toBe("20280229");
  expect(daysFrom("20260227", "20260302")).toEqual(["20260227", "20260228", "20260301", "20260302"]);
});

test("a week begins on Monday", () => {
  expect(mondayOf("20261122")).toBe("20261116");
  expect(mondayOf("20261116")).toBe("20261116");
  expect(weekday("20261116", "en")).toBe("Mon");
});

test("months have first days", () => {
  expect(firstOf("20261122")).toBe("20261101");
  expect(firstOf("20261122", 2)).toBe("20270101");
  expect(firstOf("20260131", -1)).toBe("20251201");
});

test("what an address says may be no day", () => {
  expect(isDay("20261122")).toBe(true);
  for (const text of [undefined, "", "2026-11-22", "tomorrow"]) expect(isDay(text)).toBe(false);
});
