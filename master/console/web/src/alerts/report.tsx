import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Input, Segmented, Select, Skeleton } from "antd";
import { api } from "../api/client";
import { useZone } from "../frame/session";
import { wallOf } from "../ui/instants";
import { To } from "../ui/link";
import { Time, inZone } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { useUrl } from "../ui/url";
import { useLang, useWords } from "../ui/words";
import { addDays, dashed, plain } from "./days";
import { MailFrame } from "./mailframe";
import { type Kind, Verdict, about } from "./reports";
import { words } from "./reportwords";

type Head = { from: number; at: number; madeAt: number; green: boolean; normalPermille: number };
type Format = "json" | "text" | "html";

async function read(kind: Kind, at: string, format: Format, lang: "en" | "zh", signal: AbortSignal): Promise<string> {
  const query = { at: at === "newest" ? undefined : at, format, lang };
  const init = { params: { query }, parseAs: "text" as const, signal };
  const { data } = kind === "daily" ? await api.GET("/api/v1/reports/daily", init) : await api.GET("/api/v1/reports/hourly", init);
  return data ?? "";
}

/** A report as it is mailed, or as text, with the way to those before and after it. */
export function Report({ kind, at }: { kind: Kind; at: string }) {
  const t = useWords(words);
  const lang = useLang();
  const zone = useZone();
  const [url, set] = useUrl();
  const format = url.form === "text" ? "text" : "html";
  const head = useQuery({ queryKey: ["report", "head", kind, at], queryFn: async ({ signal }) => JSON.parse(await read(kind, at, "json", lang, signal)) as Head, placeholderData: keepPreviousData });
  const page = useQuery({ queryKey: ["report", format, kind, at, lang], queryFn: ({ signal }) => read(kind, at, format, lang, signal), placeholderData: (before, query) => (query?.queryKey[1] === format ? before : undefined) });
  const trouble = head.error ?? page.error;
  return (
    <>
      <p><To to="/reports" search={{ tab: url.tab }}>{t("back")}</To></p>
      {head.data && <Choose kind={kind} head={head.data} pick={(to) => set({ at: to })} />}
      {head.data && (
        <div className="head">
          <h2 className="reports-title">{title(kind, head.data, zone, t)}</h2>
          <Verdict green={head.data.green} />
          <span>{t("normal", { n: head.data.normalPermille / 10 })}</span>
          <span className="faint">{t("madeAt")} <Time at={head.data.madeAt} full /></span>
          <span className="grow" />
          <Segmented aria-label={t("form")} value={format} onChange={(form) => set({ form: form === "text" ? form : undefined })} options={[{ value: "html", label: t("page") }, { value: "text", label: t("text") }]} />
        </div>
      )}
      {trouble && <TroubleBox trouble={trouble} retry={() => { void head.refetch(); void page.refetch(); }} stillShown={page.data !== undefined} />}
      {page.data === undefined && !trouble && <Skeleton active paragraph={{ rows: 10 }} />}
      {page.data !== undefined && format === "html" && <MailFrame html={page.data} title={t("frame")} />}
      {page.data !== undefined && format === "text" && <pre className="reports-text" tabIndex={0}>{page.data}</pre>}
    </>
  );
}

function title(kind: Kind, head: Head, zone: string, t: (key: "hourlyOf" | "dailyOf", values: Record<string, string>) => string) {
  if (kind === "daily") return t("dailyOf", { day: about(kind, head.from, head.at, zone) });
  const from = inZone(head.from, zone);
  return t("hourlyOf", { day: from.slice(0, 10), from: from.slice(11, 16), to: inZone(head.at, zone).slice(11, 16) });
}

const hour = 3_600_000;
const hours = Array.from({ length: 24 }, (_, h) => `${String(h).padStart(2, "0")}:00`);

type ChooseProps = { kind: Kind; head: Head; pick: (at: string) => void };

/** The way to other reports: the one before, the one after, the newest, or that of a day and an hour. */
function Choose({ kind, head, pick }: ChooseProps) {
  const t = useWords(words);
  const zone = useZone();
  const end = wallOf(head.at, zone);
  const step = (by: number) => (kind === "hourly" ? wallOf(head.at + by * hour, zone) : dashed(addDays(plain(end.slice(0, 10)), by)));
  const last = kind === "hourly" ? head.at + hour > Date.now() : wallOf(Date.now(), zone) < step(1);
  const day = kind === "hourly" ? end.slice(0, 10) : about(kind, head.from, head.at, zone);
  const pickDay = (to: string) => pick(kind === "hourly" ? `${to}T${end.slice(11)}` : dashed(addDays(plain(to), 1)));
  return (
    <div className="filters">
      <Button onClick={() => pick(step(-1))}>‹ {t("earlier")}</Button>
      <Button onClick={() => pick(step(1))} disabled={last}>{t("later")} ›</Button>
      <Button onClick={() => pick("newest")}>{t("newest")}</Button>
      <label className="pieces faint">{t("day")} <Input type="date" value={day} onChange={(e) => { if (e.target.value) pickDay(e.target.value); }} style={{ width: 150 }} /></label>
      {kind === "hourly" && (
        <label className="pieces faint">
          {t("hour")}
          <Select aria-label={t("hour")} value={end.slice(11)} onChange={(to) => pick(`${end.slice(0, 10)}T${to}`)} style={{ width: 90 }} options={hours.map((value) => ({ value, label: value }))} />
        </label>
      )}
    </div>
  );
}
