import type { Api } from "../api/client";
import type { Search } from "../ui/url";
import { type Period, cutRange, fullRange } from "./numbers";

export type Kind = "rerun" | "coldstart";

/** What a wizard is given, as its address has it. */
export type Inputs = {
  kind: Kind;
  of: "all" | "project" | "tasks"; // cold start: which tasks
  tasks: string[];
  project: string;
  period: string; // cold start
  from: string;
  to: string;
  cascade: string;
  mode: string;
  exclude: string[]; // tasks, and single batches as task/workNo
  reason: string;
};

const names = (text: string | undefined) => [...new Set((text ?? "").split(/[\s,;]+/).filter((name) => name !== ""))];

/** Reads what an address gives a wizard. `batch=` has batches, from which tasks and range follow. */
export function inputsOf(kind: Kind, url: Search): Inputs {
  const chosen = chosenBatches(url.batch);
  const tasks = names(url.task);
  const numbers = chosen.map((b) => b.workNo).sort();
  return {
    kind,
    of: url.of === "project" || url.of === "tasks" || url.of === "all" ? url.of : url.project ? "project" : tasks.length > 0 ? "tasks" : "all",
    tasks: tasks.length > 0 ? tasks : [...new Set(chosen.map((b) => b.task))],
    project: url.project ?? "",
    period: url.period ?? (kind === "coldstart" ? "day" : ""),
    from: url.from ?? numbers[0] ?? "",
    to: url.to ?? numbers.at(-1) ?? "",
    cascade: url.cascade ?? "none",
    mode: url.mode ?? "all",
    exclude: names(url.exclude),
    reason: url.reason ?? "",
  };
}

/** The tasks and work numbers of references such as dwd_access_d/20150518.1. */
export function chosenBatches(refs: string | undefined): { task: string; workNo: string }[] {
  return names(refs).flatMap((ref) => {
    const slash = ref.lastIndexOf("/");
    if (slash < 1) return [];
    return [{ task: ref.slice(0, slash), workNo: ref.slice(slash + 1).split(".")[0] ?? "" }];
  });
}

/** The search parameters that bring a wizard to these inputs; what is not said is the default. */
export function searchOf(i: Inputs): Search {
  const unless = (value: string, usual: string) => (value === usual ? undefined : value);
  const common = { from: i.from || undefined, to: i.to || undefined, mode: unless(i.mode, "all"), exclude: i.exclude.join(",") || undefined, reason: i.reason || undefined };
  if (i.kind === "rerun") return { ...common, batch: undefined, task: i.tasks.join(",") || undefined, cascade: unless(i.cascade, "none") };
  return {
    ...common,
    of: unless(i.of, "all"),
    period: unless(i.period, "day"),
    project: i.of === "project" ? i.project || undefined : undefined,
    task: i.of === "tasks" ? i.tasks.join(",") || undefined : undefined,
  };
}

/** What the master is asked. */
export function requestOf(i: Inputs, period: Period | undefined): Api["PlanRequest"] {
  const range = fullRange(cutRange(i.from, i.to), period);
  const common = { ...range, mode: i.mode, exclude: i.exclude.length > 0 ? i.exclude : undefined, reason: i.reason.trim() || undefined };
  if (i.kind === "rerun") return { kind: "rerun", tasks: i.tasks, cascade: i.cascade, ...common };
  return { kind: "coldstart", period: i.period, project: i.of === "project" ? i.project : undefined, tasks: i.of === "tasks" ? i.tasks : undefined, ...common };
}

/** The wizard's search parameters for what was asked for once, where it was asked for in a wizard's way. */
export function searchAgain(r: Api["PlanRequest"]): Search | undefined {
  if (r.kind !== "rerun" && r.kind !== "coldstart") return undefined;
  const tasks = r.tasks ?? [];
  const of = r.project ? "project" : tasks.length > 0 ? "tasks" : "all";
  return searchOf({
    kind: r.kind, of, tasks, project: r.project ?? "", period: r.period ?? "", from: r.from ?? "", to: r.to ?? "",
    cascade: r.cascade || "none", mode: r.mode || "all", exclude: r.exclude ?? [], reason: r.reason ?? "",
  });
}

/** What is left out when more is: a task makes its single batches needless. */
export function leavingOut(before: string[], more: string[]): string[] {
  const all = [...new Set([...before, ...more])];
  const whole = new Set(all.filter((name) => !name.includes("/")));
  return all.filter((name) => !name.includes("/") || !whole.has(name.slice(0, name.indexOf("/"))));
}
