import type { Batch, Why } from "./reads";

/** A step of a batch's way: when it was reached, or not yet. */
export type Step = { name: "made" | "met" | "assigned" | "running" | "done"; at?: number; here: boolean };

/** The way of a batch as far as it has come; a retry begins it anew from waiting on. */
export function stepsOf(b: Batch, why?: Why): Step[] {
  const reached: Step[] = [
    { name: "made", at: b.createdAt, here: false },
    { name: "met", at: metAt(b, why), here: false },
    { name: "assigned", at: b.state === "waiting" ? undefined : b.assignedAt || undefined, here: false },
    { name: "running", at: b.state === "running" || b.state === "done" ? b.startedAt || undefined : undefined, here: false },
    { name: "done", at: b.state === "done" ? b.endedAt || undefined : undefined, here: false },
  ];
  const last = reached.findLastIndex((s) => s.at !== undefined);
  return reached.map((s, i) => ({ ...s, here: i === last }));
}

/** When the last dependency was met, as the explanation of one that ended or the dependencies themselves tell it. */
function metAt(b: Batch, why?: Why): number | undefined {
  const needs = (b.depends ?? []).filter((d) => d.kind !== "output");
  if (b.unmet > 0 || needs.some((d) => d.state === "unmet")) return undefined;
  const scheduling = why?.spent?.find((s) => s.phase === "SCHEDULING");
  if (scheduling) return b.createdAt + scheduling.from;
  const checked = needs.map((d) => d.lastCheckedAt ?? 0);
  return Math.max(b.createdAt, ...checked.filter((at) => !b.assignedAt || at <= b.assignedAt));
}
