import { expect, test } from "vitest";
import type { Api } from "../api/client";
import { barAt, extentOf, groupsOf, laneHeight, pannedSpan, zoomedSpan } from "./ganttrows";

const batch = (id: number, more: Partial<Api["Batch"]>): Api["Batch"] => ({
  id, ref: `a/${id}`, task: "a", project: "p", workNo: String(id), run: 0, period: "day", state: "done", finish: "success", jobRun: "", origin: "", scheduledAt: 0, bizStart: 0, bizEnd: 0, createdAt: 0, attempt: 1, unmet: 0, priority: 5, taskVersion: 1, ...more,
});

test("bars that overlap lie in lanes", () => {
  const [group] = groupsOf([batch(1, { scheduledAt: 10, startedAt: 20, endedAt: 50 }), batch(2, { scheduledAt: 30, startedAt: 40, endedAt: 60 }), batch(3, { scheduledAt: 50, startedAt: 55, endedAt: 70 })], "task");
  expect(group?.lanes).toBe(2);
  expect(group?.bars.map((b) => b.lane)).toEqual([0, 1, 0]);
});

test("a batch that was made later has waited since then", () => {
  const [group] = groupsOf([batch(1, { scheduledAt: 10, createdAt: 100, startedAt: 120, endedAt: 150 })], "task");
  expect(group?.bars[0]).toMatchObject({ from: 100, ranFrom: 120, end: 150 });
});

test("by worker a bar begins when the worker was given the batch", () => {
  const groups = groupsOf([batch(1, { host: "w1", assignedAt: 15, startedAt: 20, endedAt: 50 }), batch(2, { state: "waiting", finish: "" })], "worker");
  expect(groups.map((g) => g.name)).toEqual(["w1"]);
  expect(groups[0]?.bars[0]?.from).toBe(15);
});

test("what runs reaches until now", () => {
  const groups = groupsOf([batch(1, { state: "running", finish: "", scheduledAt: 1000, startedAt: 2000 })], "task");
  expect(extentOf(groups, 90_000)).toEqual([1000, 90_000]);
  expect(extentOf([], 5)).toBeUndefined();
  expect(barAt(groups, 80_000, laneHeight / 2, 0, 90_000)?.batch.id).toBe(1);
  expect(barAt(groups, 95_000, laneHeight / 2, 0, 90_000)).toBeUndefined();
  expect(barAt(groups, 80_000, 10 * laneHeight, 0, 90_000)).toBeUndefined();
});

test("time is zoomed around a point and moved by a share", () => {
  expect(zoomedSpan({ from: 0, to: 100_000 }, 2)).toEqual({ from: 25_000, to: 75_000 });
  expect(zoomedSpan({ from: 0, to: 100_000 }, 2, 0)).toEqual({ from: 0, to: 50_000 });
  expect(zoomedSpan({ from: 0, to: 6000 }, 100).to).toBe(5500);
  expect(pannedSpan({ from: 0, to: 1000 }, 0.5)).toEqual({ from: 500, to: 1500 });
});
