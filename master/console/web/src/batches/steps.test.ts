import { expect, it } from "vitest";
import type { Batch } from "./reads";
import { pathOf } from "./ref";
import { stepsOf } from "./steps";

const batch = (over: Partial<Batch>): Batch => ({ state: "waiting", createdAt: 100, unmet: 0, depends: [], ...over }) as Batch;
const reached = (b: Batch) => stepsOf(b).map((s) => s.at);

it("tells how far a batch has come", () => {
  expect(reached(batch({ unmet: 1 }))).toEqual([100, undefined, undefined, undefined, undefined]);
  expect(reached(batch({ depends: [{ kind: "data", what: "/x", state: "met", lastCheckedAt: 150 }] }))).toEqual([100, 150, undefined, undefined, undefined]);
  expect(reached(batch({ state: "done", assignedAt: 200, startedAt: 210, endedAt: 300 }))).toEqual([100, 100, 200, 210, 300]);
});

it("begins anew when a batch waits for another try", () => {
  const steps = stepsOf(batch({ assignedAt: 200, startedAt: 210 }));
  expect(steps.find((s) => s.here)?.name).toBe("met");
});

it("takes the phases of the explanation for when dependencies were met", () => {
  const why = { spent: [{ phase: "SCHEDULING", label: "", from: 40, millis: 5 }] } as never;
  expect(stepsOf(batch({ state: "done", assignedAt: 200 }), why)[1]?.at).toBe(140);
});

it("cuts the name of a batch where the task ends", () => {
  expect(pathOf("dwd_x/20260101.2")).toEqual({ task: "dwd_x", run: "20260101.2" });
  expect(pathOf("dwd_x/20260101")).toEqual({ task: "dwd_x", run: "20260101" });
});
