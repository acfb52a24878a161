import { expect, test } from "vitest";
import { periodOf, rangeOf } from "./gridrange";

const now = Date.UTC(2026, 10, 22, 15, 30);

test("without a range the master chooses", () => {
  expect(rangeOf({}, now, "UTC")).toEqual({});
  expect(rangeOf({ n: "17" }, now, "UTC")).toEqual({});
});

test("days begin in the zone of the cluster, hours at full ones", () => {
  expect(rangeOf({ n: "90" }, now, "UTC")).toEqual({ from: "2026-08-25" });
  expect(rangeOf({ n: "90" }, Date.UTC(2026, 10, 22, 17), "Asia/Shanghai")).toEqual({ from: "2026-08-26" });
  expect(rangeOf({ period: "hour", n: "24" }, now, "UTC")).toEqual({ from: String(Date.UTC(2026, 10, 21, 16)) });
});

test("what is said by date comes first", () => {
  expect(rangeOf({ n: "90", from: "2026-01-01" }, now, "UTC")).toEqual({ from: "2026-01-01", to: undefined });
});

test("an unknown period is days", () => {
  expect(periodOf({ period: "hour" })).toBe("hour");
  expect(periodOf({ period: "cron" })).toBe("day");
});
