const dayLength = 86_400_000;

/** A day, as 20261123, is counted as its midnight in UTC: days have no zone of their own. */
const countOf = (day: string) => Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6, 8)));
const dayOf = (count: number) => new Date(count).toISOString().slice(0, 10).replaceAll("-", "");

/** The day so many days later. */
export const addDays = (day: string, n: number) => dayOf(countOf(day) + n * dayLength);

/** The Monday of a day's week. */
export const mondayOf = (day: string) => addDays(day, -((new Date(countOf(day)).getUTCDay() + 6) % 7));

/** The first day of a day's month, or of one so many months later. */
export const firstOf = (day: string, months = 0) => dayOf(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1 + months, 1));

/** All days from one to another. */
export function daysFrom(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}

/** A day with dashes, as fields for dates have it. */
export const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6, 8)}`;

/** A day without dashes. */
export const plain = (day: string) => day.replaceAll("-", "");

/** The day of the week in a language. */
export const weekday = (day: string, lang: string) => new Intl.DateTimeFormat(lang === "zh" ? "zh-CN" : "en", { weekday: "short", timeZone: "UTC" }).format(countOf(day));

/** Whether a text is a day. */
export const isDay = (text: string | undefined) => text !== undefined && /^\d{8}$/.test(text) && !Number.isNaN(countOf(text));
