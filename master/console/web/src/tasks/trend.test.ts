import { describe, expect, it } from "vitest";
import { lineThrough, quantile, trendOf } from "./trend";

const ended = (finish: string, millis?: number, late = false) => ({ finish, startedAt: millis === undefined ? undefined : 1_000, endedAt: millis === undefined ? 1 : 1_000 + millis, dependTimeoutAt: undefined, outputTimeoutAt: late ? 7 : undefined });

describe("quantile", () => {
  it("is one of the numbers", () => {
    expect(quantile([5, 1, 3], 0.5)).toBe(3);
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2);
    expect(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9)).toBe(9);
    expect(quantile([8], 0.9)).toBe(8);
    expect(quantile([], 0.5)).toBe(0);
  });
});

describe("trendOf", () => {
  it("counts what ran, and takes the time of what succeeded, the oldest first", () => {
    const trend = trendOf([ended("success", 30), ended("failed", 900, true), ended("skipped"), ended("success", 10), ended("killed", 5), ended("success")]);
    expect(trend).toEqual({ count: 5, successful: 3, late: 1, durations: [10, 30], p50: 10, p90: 30, drift: undefined });
  });
  it("says how much longer the newer half took, when there are enough", () => {
    const newestFirst = [22, 26, 24, 20, 22, 18].map((n) => ended("success", n));
    expect(trendOf(newestFirst).drift).toBeCloseTo(0.2);
    expect(trendOf([21, 20, 20, 20, 20, 20].map((n) => ended("success", n))).drift).toBeUndefined();
    expect(trendOf([10, 10, 10, 20, 20, 20].map((n) => ended("success", n))).drift).toBeCloseTo(-0.5);
    expect(trendOf(newestFirst.slice(1)).drift).toBeUndefined();
    expect(trendOf([0, 0, 0, 0, 0, 0].map((n) => ended("success", n))).drift).toBeUndefined();
  });
  it("is nothing of nothing", () => expect(trendOf([])).toMatchObject({ count: 0, successful: 0, late: 0, p50: 0, p90: 0 }));
});

describe("lineThrough", () => {
  it("stands on 0 and reaches the top", () => {
    expect(lineThrough([0, 5, 10], 100, 20)).toBe("0,20 50,10 100,0");
    expect(lineThrough([3], 100, 20)).toBe("0,0");
    expect(lineThrough([0, 0], 100, 20)).toBe("0,20 100,20");
  });
});
