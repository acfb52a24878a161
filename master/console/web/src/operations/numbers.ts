/** The periods whose tasks have work numbers, each with its form and an example as the command line gives them. */
export const forms = {
  hour: { form: "yyyyMMddHH", digits: 10, example: "2015051711..2015052022" },
  day: { form: "yyyyMMdd", digits: 8, example: "20150518..20150521" },
  week: { form: "yyyyMMdd", digits: 8, example: "20150518..20150601" },
  month: { form: "yyyyMM", digits: 6, example: "201505..201507" },
  cron: { form: "yyyyMMddHHmmss", digits: 14, example: "20150518000000..20150518235959" },
} as const;

export type Period = keyof typeof forms;

export const periods = Object.keys(forms) as Period[];

export const isPeriod = (text: string | undefined): text is Period => text !== undefined && text in forms;

/** What keeps a range from being one, as a key of the words of this folder. */
export type Flaw = "flawEmpty" | "flawDigits" | "flawLength" | "flawOrder" | "flawMonday" | "flawDate";

const edges: Partial<Record<Period, [string, string]>> = { hour: ["00", "23"], cron: ["000000", "235959"] };

/** A range as it was typed: `A..B` in either field, or one number in each; one number alone is a range of its own. */
export function cutRange(from: string, to: string): { from: string; to: string } {
  const typed = [from, to].find((text) => text.includes("..")) ?? (to.trim() === "" ? from : `${from}..${to}`);
  const [first = "", last = first] = typed.split("..").map((part) => part.replaceAll(/[\s\-:]/g, ""));
  return { from: first, to: last };
}

/** Days typed for a period of hours or of a cron expression become the first and the last number of these days. */
export function fullRange(range: { from: string; to: string }, period: Period | undefined): { from: string; to: string } {
  const edge = period && edges[period];
  if (!edge) return range;
  return { from: range.from.length === 8 ? range.from + edge[0] : range.from, to: range.to.length === 8 ? range.to + edge[1] : range.to };
}

/** What is wrong with a range; of a period that is not known yet only what no period has. */
export function flawOf({ from, to }: { from: string; to: string }, period: Period | undefined): Flaw | undefined {
  if (from === "" || to === "") return "flawEmpty";
  if (!/^\d+$/.test(from + to)) return "flawDigits";
  if (from.length !== to.length || (period && from.length !== forms[period].digits)) return "flawLength";
  if (from > to) return "flawOrder";
  if (!period || period === "cron") return undefined;
  if (dateOf(from) === undefined || dateOf(to) === undefined) return "flawDate";
  return period === "week" && [from, to].some((n) => dateOf(n)?.getUTCDay() !== 1) ? "flawMonday" : undefined;
}

/** How many work numbers a range has, both ends included; unknown for those of a cron expression. */
export function countOf({ from, to }: { from: string; to: string }, period: Period): number | undefined {
  const [first, last] = [dateOf(from), dateOf(to)];
  if (!first || !last || period === "cron") return undefined;
  if (period === "month") return (last.getUTCFullYear() - first.getUTCFullYear()) * 12 + last.getUTCMonth() - first.getUTCMonth() + 1;
  const length = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 }[period];
  return Math.round((last.getTime() - first.getTime()) / length) + 1;
}

/** The date that a work number is written as, without a zone; undefined when there is none such. */
function dateOf(number: string): Date | undefined {
  const [, year = "", month = "", day = "01", hour = "00"] = /^(\d{4})(\d\d)(\d\d)?(\d\d)?$/.exec(number) ?? [];
  const text = `${year}-${month}-${day}T${hour}:00:00.000Z`;
  const date = new Date(text);
  return !Number.isNaN(date.getTime()) && date.toISOString() === text ? date : undefined;
}
