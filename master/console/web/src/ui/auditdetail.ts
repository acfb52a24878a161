/** One field of what a row of the audit log keeps: what it was and what it is now, or what was said. */
export type Field = { name: string; before?: string; after: string };

type Kept = Record<string, unknown>;

const isObject = (value: unknown): value is Kept => typeof value === "object" && value !== null && !Array.isArray(value);

/** A value as a person reads it: plain text, lists with commas, the rest as JSON. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null || value === "") return "–";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((v) => typeof v !== "object")) return value.join(", ");
  return JSON.stringify(value, undefined, 1);
}

/** The reason that was given, if one was. */
export function reasonOf(detail: unknown): string {
  return isObject(detail) && typeof detail.reason === "string" ? detail.reason : "";
}

/** The fields that were changed, with what they were before. */
export function changesOf(detail: unknown): Field[] {
  if (!isObject(detail)) return [];
  const { before, after } = detail;
  if (!isObject(before) && !isObject(after)) return before === undefined && after === undefined ? [] : [{ name: "", before: textOf(before), after: textOf(after) }];
  const was = isObject(before) ? before : {};
  const is = isObject(after) ? after : {};
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .sort()
    .map((name) => ({ name, before: textOf(was[name]), after: textOf(is[name]) }))
    .filter((f) => f.before !== f.after);
}

/** What else was kept. */
export function othersOf(detail: unknown): Field[] {
  if (detail === undefined || detail === null) return [];
  if (!isObject(detail)) return [{ name: "", after: textOf(detail) }];
  return Object.keys(detail)
    .filter((name) => !["before", "after", "reason"].includes(name))
    .sort()
    .map((name) => ({ name, after: textOf(detail[name]) }));
}

/** A row's change in one line. */
export function inShort(detail: unknown): string {
  const reason = reasonOf(detail);
  if (reason !== "") return reason;
  const changes = changesOf(detail).map((f) => `${f.name === "" ? "" : `${f.name}: `}${f.before ?? "–"} → ${f.after}`);
  const others = changes.length > 0 ? changes : othersOf(detail).map((f) => `${f.name}: ${f.after}`);
  const text = others.join(", ");
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
