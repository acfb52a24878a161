import { expect, test } from "vitest";
import { instantOf, isoIn, wallOf } from "./instants";

test("a time of a zone is an instant, and back", () => {
  expect(instantOf("2026-11-22T08:00", "Asia/Shanghai")).toBe(Date.UTC(2026, 10, 22));
  expect(instantOf("2026-11-22T08:00", "UTC")).toBe(Date.UTC(2026, 10, 22, 8));
  expect(instantOf("soon", "UTC")).toBeNaN();
  expect(wallOf(Date.UTC(2026, 10, 22), "Asia/Shanghai")).toBe("2026-11-22T08:00");
});

test("on both sides of a change of clocks", () => {
  const zone = "America/New_York";
  expect(instantOf("2026-03-08T01:30", zone)).toBe(Date.UTC(2026, 2, 8, 6, 30));
  expect(instantOf("2026-03-08T03:30", zone)).toBe(Date.UTC(2026, 2, 8, 7, 30));
});

test.each([
  ["UTC", "2026-11-22T08:00:05+00:00"],
  ["Asia/Shanghai", "2026-11-22T16:00:05+08:00"],
  ["Asia/Kolkata", "2026-11-22T13:30:05+05:30"],
  ["America/St_Johns", "2026-11-22T04:30:05-03:30"],
])("an instant in %s for a file", (zone, want) => {
  expect(isoIn(Date.UTC(2026, 10, 22, 8, 0, 5, 678), zone)).toBe(want);
  expect(Date.parse(want)).toBe(Date.UTC(2026, 10, 22, 8, 0, 5));
});
