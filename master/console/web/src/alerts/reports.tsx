import { type Api, api, body } from "../api/client";
import { useZone } from "../frame/session";
import { wallOf } from "../ui/instants";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time, dayIn, inZone } from "../ui/time";
import { useGo, useUrl } from "../ui/url";
import { useLang, useWords } from "../ui/words";
import "./alerts.css";
import { Mark, Tabs } from "./parts";
import { Readers } from "./readers";
import { Report } from "./report";
import "./reports.css";
import { words } from "./reportwords";

export type Kind = "hourly" | "daily";
type Stored = Api["StoredReport"];

export default function Reports() {
  const t = useWords(words);
  const [url] = useUrl();
  const kind: Kind = url.tab === "daily" ? "daily" : "hourly";
  return (
    <>
      <div className="head">
        <h1>{t("reports")}</h1>
      </div>
      <Tabs path="/reports" label={t("tabs")} at={kind} tabs={[{ key: "hourly", title: t("hourly") }, { key: "daily", title: t("daily") }]} />
      {url.at ? <Report key={kind} kind={kind} at={url.at} /> : <List kind={kind} />}
    </>
  );
}

const tabOf = (kind: Kind) => (kind === "daily" ? kind : undefined);

function List({ kind }: { kind: Kind }) {
  const t = useWords(words);
  const go = useGo();
  const zone = useZone();
  const lang = useLang();
  const list = usePagedList<Stored>(["report", "list", kind, lang], (cursor, signal) => body(api.GET("/api/v1/reports", { params: { query: { kind, lang, limit: 100, cursor } }, signal })));
  const newest = <To to="/reports" search={{ tab: tabOf(kind), at: "newest" }}>{t("open")}</To>;
  return (
    <>
      <Readers kind={kind} />
      <p>{newest}</p>
      <ListTable
        label={t("reports")}
        columns={useColumns(kind)}
        {...list}
        idOf={(r) => String(r.at)}
        open={(r) => go("/reports", { tab: tabOf(kind), at: wallOf(r.at, zone) })}
        empty={t("none")}
      />
    </>
  );
}

/** The time that a report is about, in words: an hour by its ends, a day by itself. */
export function about(kind: Kind, from: number, at: number, zone: string) {
  if (kind === "daily") return dayIn(from, zone);
  return `${inZone(from, zone).slice(0, 16)}–${inZone(at, zone).slice(11, 16)}`;
}

function useColumns(kind: Kind): Column<Stored>[] {
  const t = useWords(words);
  const zone = useZone();
  const from = (r: Stored) => (kind === "daily" ? r.at - 1 : r.at - 3_600_000);
  return [
    { key: "of", title: t("of"), className: "nowrap", show: (r) => <To to="/reports" search={{ tab: tabOf(kind), at: wallOf(r.at, zone) }}>{about(kind, from(r), r.at, zone)}</To> },
    { key: "state", title: t("state"), className: "nowrap", show: (r) => <Verdict green={r.green} /> },
    { key: "headline", title: t("headline"), show: (r) => <span className="alerts-text">{r.headline}</span> },
    { key: "made", title: t("made"), className: "nowrap", show: (r) => <Time at={r.madeAt} /> },
    { key: "sent", title: t("sent"), className: "nowrap", show: (r) => (r.sentAt ? <Time at={r.sentAt} /> : <span className="faint">{t("notSent")}</span>) },
  ];
}

/** Whether anything is wrong, by glyph, word and colour. */
export function Verdict({ green }: { green: boolean }) {
  const t = useWords(words);
  return green ? <Mark look="good" glyph="✓" word={t("green")} /> : <Mark look="bad" glyph="✕" word={t("wrong")} />;
}
