import type { Api } from "../api/client";

type Request = Api["PlanRequest"];

const bulk = new Set(["kill", "hold", "release", "mark"]);

const quoted = (text: string) => (/^[\w.,/@%+=:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** The command that asks the same in a terminal; of what was ordered by other means, none. */
export function commandOf(r: Request): string | undefined {
  const words = wordsOf(r);
  if (!words) return undefined;
  for (const [name, value] of flagsOf(r)) if (value) words.push(name, quoted(value));
  return words.join(" ");
}

function wordsOf(r: Request): string[] | undefined {
  if (r.kind === "rerun") return ["capri", "batch", "rerun", quoted((r.tasks ?? []).join(",") || "TASK"), "--range", r.from === r.to ? r.from || "A..B" : spanOf(r)];
  if (r.kind === "coldstart") return ["capri", "coldstart", "--period", r.period ?? "day", "--range", spanOf(r)];
  if (!bulk.has(r.kind)) return undefined;
  return ["capri", "batch", r.kind, ...(r.refs ?? []).map(quoted), ...(r.kind === "mark" && r.result ? [r.result] : [])];
}

const spanOf = ({ from, to }: Request) => `${from || "A"}..${to || "B"}`;

function flagsOf(r: Request): [string, string | undefined][] {
  if (bulk.has(r.kind))
    return [
      ["--task", r.tasks?.join(",")], ["--project", r.project], ["--state", r.state], ["--host", r.host], ["--operation", r.operation ? String(r.operation) : undefined],
      ["--range", r.from || r.to ? spanOf(r) : undefined], ["--period", r.period], ["--until", r.until ? new Date(r.until).toISOString() : undefined], ["--reason", r.reason],
    ];
  const chosen: [string, string | undefined][] = r.kind === "coldstart" ? [["--project", r.project], ["--tasks", r.tasks?.join(",")]] : [];
  return [...chosen, ["--cascade", r.cascade === "none" ? "" : r.cascade], ["--mode", r.mode === "all" ? "" : r.mode], ["--exclude", r.exclude?.join(",")], ["--reason", r.reason]];
}
