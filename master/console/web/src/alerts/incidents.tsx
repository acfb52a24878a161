import { Button, Segmented, Select } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { Act } from "../ui/act";
import { FilterText } from "../ui/filtertext";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Span, Time } from "../ui/time";
import { type Search, enc, useGo, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { AskAck } from "./ack";
import { LevelTag, Mark, Root, levels } from "./parts";
import { words } from "./words";

type Incident = Api["Incident"];
type Filter = { level?: string; rootKind?: string; text?: string };

const roots = ["path", "third", "batch", "absent", "worker", "watch", "channel", "event"] as const;
const over = "over:"; // before a cursor among those that are over

/** Reads open incidents and then, if all are asked for, those that are over. */
async function readIncidents(filter: Filter, all: boolean, cursor: string | undefined, signal: AbortSignal): Promise<Api["IncidentList"]> {
  const read = (state: "open" | "ended", at?: string) => body(api.GET("/api/v1/incidents", { params: { query: { ...filter, state, limit: 100, cursor: at || undefined } }, signal }));
  const readOver = async (at?: string) => {
    const page = await read("ended", at);
    return { items: page.items, next: page.next && over + page.next };
  };
  if (cursor?.startsWith(over)) return readOver(cursor.slice(over.length));
  const open = await read("open", cursor);
  if (!all || open.next) return open;
  const ended = await readOver();
  return { items: [...(open.items ?? []), ...(ended.items ?? [])], next: ended.next };
}

export function Incidents() {
  const t = useWords(words);
  const go = useGo();
  const [url, set] = useUrl();
  const [acked, setAcked] = useState<Incident>();
  const filter = { level: url.level || undefined, rootKind: url.root || undefined, text: url.text || undefined };
  const all = url.state === "all";
  const list = usePagedList<Incident>(["alert", "incidents", filter, all], (cursor, signal) => readIncidents(filter, all, cursor, signal));
  return (
    <>
      <Filters url={url} set={set} />
      <ListTable
        label={t("incidents")}
        columns={useColumns(setAcked)}
        {...list}
        idOf={(i) => i.code}
        open={(i) => go(`/incidents/${enc(i.code)}`)}
        empty={<Nothing url={url} set={set} />}
      />
      <AskAck incident={acked} close={() => setAcked(undefined)} />
    </>
  );
}

type Url = { url: Search; set: (patch: Search) => void };

function Nothing({ url, set }: Url) {
  const t = useWords(words);
  const filtered = Boolean(url.level || url.root || url.text);
  return (
    <>
      <p>{filtered ? t("noIncident") : t("noOpen")}</p>
      {filtered && <Button onClick={() => set({ level: undefined, root: undefined, text: undefined })}>{t("clear")}</Button>}{" "}
      {url.state !== "all" && <Button onClick={() => set({ state: "all" })}>{t("showAll")}</Button>}
    </>
  );
}

function Filters({ url, set }: Url) {
  const t = useWords(words);
  return (
    <div className="filters" role="search">
      <Segmented aria-label={t("which")} value={url.state === "all" ? "all" : "open"} onChange={(state) => set({ state: state === "all" ? "all" : undefined })} options={[{ value: "open", label: t("openOnly") }, { value: "all", label: t("openAndOver") }]} />
      <Select aria-label={t("level")} value={url.level ?? ""} onChange={(level) => set({ level: level || undefined })} style={{ minWidth: 120 }} options={[{ value: "", label: t("anyLevel") }, ...levels.map((l) => ({ value: l, label: t(l) }))]} />
      <Select aria-label={t("root")} value={url.root ?? ""} onChange={(root) => set({ root: root || undefined })} style={{ minWidth: 150 }} options={[{ value: "", label: t("anyRoot") }, ...roots.map((r) => ({ value: r, label: t(r) }))]} />
      <FilterText name="text" label={t("search")} width={260} />
    </div>
  );
}

function useColumns(ack: (incident: Incident) => void): Column<Incident>[] {
  const t = useWords(words);
  return [
    { key: "code", title: t("incident"), className: "nowrap", show: (i) => <To to={`/incidents/${enc(i.code)}`} className="mono">{i.code}</To> },
    { key: "level", title: t("level"), show: (i) => <LevelTag level={i.level} /> },
    { key: "root", title: t("root"), show: (i) => <><Root incident={i} />{i.cause && <span className="alerts-text faint">{i.cause}</span>}</> },
    { key: "affected", title: t("affected"), className: "num", show: (i) => i.affected },
    { key: "opened", title: t("opened"), className: "nowrap", show: (i) => <Time at={i.openedAt} /> },
    { key: "lasted", title: t("lasted"), className: "num nowrap", show: (i) => <Span from={i.openedAt} to={i.resolvedAt} /> },
    { key: "state", title: t("state"), className: "nowrap", show: (i) => <IncidentState incident={i} /> },
    { key: "seen", title: t("seenBy"), show: (i) => <Seen incident={i} ack={ack} /> },
  ];
}

/** Whether an incident goes on. */
export function IncidentState({ incident }: { incident: Pick<Incident, "resolvedAt"> }) {
  const t = useWords(words);
  return incident.resolvedAt ? <Mark look="good" glyph="✓" word={t("over")} /> : <Mark look="bad" glyph="○" word={t("open")} />;
}

function Seen({ incident, ack }: { incident: Incident; ack: (incident: Incident) => void }) {
  const t = useWords(words);
  if (incident.ackBy) return <span title={incident.ackNote}>{incident.ackBy} <Time at={incident.ackAt} /></span>;
  if (incident.resolvedAt) return <span className="faint">–</span>;
  return <Act action="alert.ack" size="small" onClick={() => ack(incident)}>{t("ack")}</Act>;
}
