import { useEffect, useState } from "react";
import { useZone } from "../frame/session";
import { type Lang, useLang } from "./words";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let f = formats.get(zone);
  if (!f) {
    f = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
    formats.set(zone, f);
  }
  return f;
}

/** An instant in a zone, as 2015-05-17 10:05:00. */
export const inZone = (millis: number, zone: string) => format(zone).format(millis);

/** The day of an instant in a zone, as 2015-05-17. */
export const dayIn = (millis: number, zone: string) => inZone(millis, zone).slice(0, 10);

/** An instant in the cluster's zone: the time alone when it is of today, the whole on hover. */
export function Time({ at, full }: { at?: number; full?: boolean }) {
  const zone = useZone();
  if (!at) return <span className="faint">–</span>;
  const whole = inZone(at, zone);
  const short = whole.slice(0, 10) === dayIn(Date.now(), zone) ? whole.slice(11) : whole.slice(5, 16);
  return (
    <time dateTime={new Date(at).toISOString()} title={whole}>
      {full ? whole : short}
    </time>
  );
}

const units: [number, string, string][] = [
  [86_400_000, "d", "天"],
  [3_600_000, "h", "小时"],
  [60_000, "min", "分"],
  [1_000, "s", "秒"],
];

/** A length of time in its two largest units, as 2 h 5 min. */
export function span(millis: number, lang: Lang): string {
  if (millis < 1_000) return lang === "zh" ? `${Math.max(0, Math.round(millis))} 毫秒` : `${Math.max(0, Math.round(millis))} ms`;
  const parts: string[] = [];
  let rest = millis;
  for (const [size, en, zh] of units) {
    const n = Math.floor(rest / size);
    if (n === 0 && parts.length === 0) continue;
    rest -= n * size;
    if (n > 0) parts.push(`${n} ${lang === "zh" ? zh : en}`);
    if (parts.length === 2 || n === 0) break;
  }
  return parts.join(" ");
}

/** How long something took, or has taken until now. */
export function Span({ from, to }: { from?: number; to?: number }) {
  const lang = useLang();
  const now = useNow(from !== undefined && from > 0 && !to);
  if (!from) return <span className="faint">–</span>;
  return <span>{span((to || now) - from, lang)}</span>;
}

/** The time of day, once a second while something needs it. */
export function useNow(ticks: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!ticks) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [ticks]);
  return now;
}
