import { expect, test } from "vitest";
import { countOf, cutRange, flawOf, fullRange } from "./numbers";

test("a range is typed in one field or in two", () => {
  expect(cutRange("20240601..20240607", "")).toEqual({ from: "20240601", to: "20240607" });
  expect(cutRange("20240601", "20240607")).toEqual({ from: "20240601", to: "20240607" });
  expect(cutRange("2024-06-01", "")).toEqual({ from: "20240601", to: "20240601" });
  expect(cutRange("", " 20240601 .. 20240607 ")).toEqual({ from: "20240601", to: "20240607" });
});

test("days of hours are their first and last hour", () => {
  expect(fullRange({ from: "20240601", to: "20240607" }, "hour")).toEqual({ from: "2024060100", to: "2024060723" });
  expect(fullRange({ from: "2024060105", to: "20240601" }, "hour")).toEqual({ from: "2024060105", to: "2024060123" });
  expect(fullRange({ from: "20240601", to: "20240607" }, "day")).toEqual({ from: "20240601", to: "20240607" });
});

test("what is no range is told", () => {
  expect(flawOf({ from: "20240601", to: "20240607" }, "day")).toBeUndefined();
  expect(flawOf({ from: "", to: "" }, "day")).toBe("flawEmpty");
  expect(flawOf({ from: "2024060x", to: "20240607" }, "day")).toBe("flawDigits");
  expect(flawOf({ from: "202406", to: "202407" }, "day")).toBe("flawLength");
  expect(flawOf({ from: "20240607", to: "20240601" }, "day")).toBe("flawOrder");
  expect(flawOf({ from: "20240231", to: "20240301" }, "day")).toBe("flawDate");
  expect(flawOf({ from: "20240603", to: "20240611" }, "week")).toBe("flawMonday");
  expect(flawOf({ from: "20240603", to: "20240610" }, "week")).toBeUndefined();
  expect(flawOf({ from: "2024060124", to: "2024060124" }, "hour")).toBe("flawDate");
});

test("both ends of a range count", () => {
  expect(countOf({ from: "20240601", to: "20240607" }, "day")).toBe(7);
  expect(countOf({ from: "2024060100", to: "2024060723" }, "hour")).toBe(168);
  expect(countOf({ from: "20240603", to: "20240617" }, "week")).toBe(3);
  expect(countOf({ from: "202311", to: "202402" }, "month")).toBe(4);
  expect(countOf({ from: "20240601000000", to: "20240601235959" }, "cron")).toBeUndefined();
});
