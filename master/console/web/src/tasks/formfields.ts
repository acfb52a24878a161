import type { Api } from "../api/client";
import { type Path, type Source, linesOf } from "./yamlnode";
import type { Value } from "./yamlscalar";
import type { words } from "./formwords";

type Word = keyof (typeof words)["en"];

/** A field for one value of a task file. While it is empty, `hint` is its default and `example` how it is written. */
export type Field = { path: Path; word: Word; kind?: "number" | "lines"; options?: readonly string[]; hint?: string; example?: string; wide?: boolean };

/** The keys of each map, in the order of the schema. */
const orders: Record<string, readonly string[]> = {
  "": ["apiVersion", "kind", "metadata", "spec"],
  metadata: ["name", "title", "project", "owner", "labels"],
  spec: ["period", "cron", "calendar", "enabled", "valid", "priority", "earliest", "maxRunning", "account", "workers", "inputs", "thirdParties", "parents", "outputs", "success", "quality", "retry", "timeouts", "onWorkerLost", "expectSeconds", "env", "program", "run", "alerts"],
  "spec.valid": ["from", "to"],
  "spec.workers": ["group", "labels", "memory", "policy"],
  "spec.retry": ["times", "interval", "backoff", "exitCodes"],
  "spec.timeouts": ["depend", "output", "run"],
  "spec.run": ["type", "script", "command", "http"],
};

export const orderOf = (path: Path) => orders[path.join(".")] ?? [];

export const periodPath = ["spec", "period"];
export const parentsPath = ["spec", "parents"];
export const inputsPath = ["spec", "inputs"];
export const outputsPath = ["spec", "outputs"];
export const labelsPath = ["metadata", "labels"];
export const namePath = ["metadata", "name"];
export const projectPath = ["metadata", "project"];
export const ownerPath = ["metadata", "owner"];
export const enabledPath = ["spec", "enabled"];
export const cronPath = ["spec", "cron"];
export const typePath = ["spec", "run", "type"];
export const scriptPath = ["spec", "run", "script"];

export const title: Field = { path: ["metadata", "title"], word: "title", wide: true };
export const cron: Field = { path: cronPath, word: "cron", example: "30 6 * * 1-5" };
export const priority: Field = { path: ["spec", "priority"], word: "priority", kind: "number", options: [..."0123456789"], hint: "5" };
export const times: Field[] = [
  { path: ["spec", "valid", "from"], word: "validFrom", example: "2026-11-20" },
  { path: ["spec", "valid", "to"], word: "validTo", example: "2027-11-20" },
  { path: ["spec", "earliest"], word: "earliest", kind: "number", example: "02:30" },
];
export const limits: Field[] = [
  { path: ["spec", "retry", "times"], word: "retryTimes", kind: "number", hint: "3" },
  { path: ["spec", "retry", "interval"], word: "retryInterval", hint: "30s" },
  { path: ["spec", "timeouts", "depend"], word: "dependTimeout", kind: "number", example: "06:00" },
  { path: ["spec", "timeouts", "output"], word: "outputTimeout", kind: "number", example: "08:00" },
  { path: ["spec", "timeouts", "run"], word: "runTimeout", example: "1h" },
  { path: ["spec", "expectSeconds"], word: "expect", kind: "number", example: "600" },
];
export const places: Field[] = [
  { path: ["spec", "workers", "group"], word: "group", hint: "default" },
  { path: ["spec", "workers", "memory"], word: "memory", kind: "number", example: "512Mi" },
  { path: ["spec", "account"], word: "account" },
];
export const script: Field = { path: scriptPath, word: "script", kind: "lines", wide: true };

const lists = [parentsPath, inputsPath, outputsPath, labelsPath];
const singles = [title, cron, priority, ...times, ...limits, ...places, script].map((f) => f.path);
const shown: Path[] = [...lists, ...singles, namePath, projectPath, ownerPath, periodPath, enabledPath, typePath];

export const keyOf = (path: Path) => path.join(".");

/** What is written for what was typed: numbers as numbers, scripts with one line end. */
export function typedValue(field: Field, typed: string): Value {
  if (field.kind === "number" && /^-?\d{1,15}$/.test(typed.trim())) return Number(typed);
  return field.kind === "lines" ? `${typed.replace(/\s+$/, "")}\n` : typed.trim();
}

type Finding = Api["Finding"];

/** The findings of each field: those that name it, and those of its lines, of the innermost field. */
export function findingsOf(source: Source, findings: readonly Finding[]): Map<string, Finding[]> {
  const found = new Map<string, Finding[]>();
  const placed = shown.flatMap((path) => {
    const lines = linesOf(source, path);
    return lines ? [{ key: keyOf(path), from: lines[0], to: lines[1] }] : [];
  });
  for (const finding of findings) {
    const around = placed.filter((p) => p.from <= finding.line && finding.line <= p.to).sort((a, b) => a.to - a.from - (b.to - b.from));
    const key = named(finding.message) ?? around[0]?.key;
    if (key !== undefined) found.set(key, [...(found.get(key) ?? []), finding]);
  }
  return found;
}

const named = (message: string) => shown.map(keyOf).find((key) => [" ", ":", "["].some((next) => message.startsWith(key + next)));
