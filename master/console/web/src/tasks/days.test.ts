import { expect, it } from "vitest";
import type { Api } from "../api/client";
import { monthsUpTo, tally } from "./days";

it("lays months out in weeks from Monday on, over the end of a year", () => {
  const [december, january, february] = monthsUpTo("2024-02-10", 3);
  expect([december?.name, january?.name, february?.name]).toEqual(["2023-12", "2024-01", "2024-02"]);
  expect(january?.weeks[0]?.[0]).toBe("2024-01-01"); // a Monday
  expect(december?.weeks[0]).toEqual([undefined, undefined, undefined, undefined, "2023-12-01", "2023-12-02", "2023-12-03"]);
  expect(february?.weeks.flat().filter(Boolean)).toHaveLength(29);
  expect(february?.weeks.every((w) => w.length === 7)).toBe(true);
});

const batch = (scheduledAt: string, finish: string, late = false) =>
  ({ scheduledAt: Date.parse(scheduledAt), state: finish === "" ? "running" : "done", finish, dependTimeoutAt: late ? 1 : undefined }) as Api["Batch"];

it("counts batches by the day of the zone, and shows the worst", () => {
  const days = tally([batch("2024-05-17T15:59:00Z", "success"), batch("2024-05-17T16:00:00Z", "failed"), batch("2024-05-17T17:00:00Z", "success", true), batch("2024-05-17T18:00:00Z", "")], "Asia/Shanghai");
  expect(days.get("2024-05-17")).toMatchObject({ worst: "ok", total: 1, late: 0 });
  expect(days.get("2024-05-18")).toMatchObject({ worst: "failed", total: 3, late: 1, counts: { failed: 1, ok: 1, running: 1 } });
});
