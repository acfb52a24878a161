import { Button, Input, Select } from "antd";
import { type Api, api, body } from "../api/client";
import { FilterText } from "../ui/filtertext";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { type Search, enc, useGo, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { Kind, KindChoices } from "./kinds";
import { LevelTag, Mark, ObjectLink, levels } from "./parts";
import { words } from "./words";

type Alert = Api["Alert"];

/** Every single alert, newest first. */
export function History() {
  const t = useWords(words);
  const go = useGo();
  const [url, set] = useUrl();
  const filter = { kind: url.kind || undefined, level: url.level || undefined, object: url.object || undefined, task: url.task || undefined, incident: url.incident || undefined, from: url.from || undefined, to: url.to || undefined };
  const filtered = Object.values(filter).some((value) => value !== undefined);
  const list = usePagedList<Alert>(["alert", "list", filter], (cursor, signal) => body(api.GET("/api/v1/alerts", { params: { query: { ...filter, limit: 100, cursor } }, signal })));
  return (
    <>
      <Filters url={url} set={set} />
      <ListTable
        label={t("history")}
        columns={useAlertColumns()}
        {...list}
        idOf={(a) => String(a.id)}
        open={(a) => go(`/alerts/${a.id}`)}
        empty={
          <>
            <p>{filtered ? t("noAlert") : t("noAlertYet")}</p>
            {filtered && <Button onClick={() => set(cleared)}>{t("clear")}</Button>}
          </>
        }
      />
    </>
  );
}

const cleared: Search = { kind: undefined, level: undefined, object: undefined, task: undefined, incident: undefined, from: undefined, to: undefined };
const exact = [["kind", "filterKind", 200], ["object", "filterObject", 200], ["task", "filterTask", 190], ["incident", "incidentCode", 170]] as const;

function Filters({ url, set }: { url: Search; set: (patch: Search) => void }) {
  const t = useWords(words);
  return (
    <div className="filters" role="search">
      <Select aria-label={t("level")} value={url.level ?? ""} onChange={(level) => set({ level: level || undefined })} style={{ minWidth: 120 }} options={[{ value: "", label: t("anyLevel") }, ...levels.map((l) => ({ value: l, label: t(l) }))]} />
      {exact.map(([name, label, width]) => (
        <FilterText key={name} name={name} label={t(label)} list={name === "kind" ? "alerts-kinds" : undefined} width={width} />
      ))}
      <KindChoices id="alerts-kinds" />
      {(["from", "to"] as const).map((name) => (
        <label key={name} className="pieces faint">
          {t(name)}
          <Input type="datetime-local" value={url[name] ?? ""} onChange={(e) => set({ [name]: e.target.value || undefined })} style={{ width: 190 }} />
        </label>
      ))}
    </div>
  );
}

/** The columns of a table of alerts. */
export function useAlertColumns(): Column<Alert>[] {
  const t = useWords(words);
  return [
    { key: "at", title: t("at"), className: "nowrap", show: (a) => <To to={`/alerts/${a.id}`}><Time at={a.createdAt} /></To> },
    { key: "level", title: t("level"), show: (a) => <LevelTag level={a.level} /> },
    { key: "kind", title: t("kind"), show: (a) => <Kind kind={a.kind} /> },
    { key: "object", title: t("object"), show: (a) => <ObjectLink alert={a} /> },
    { key: "text", title: t("text"), show: (a) => <span className="alerts-text">{a.text}</span> },
    { key: "incident", title: t("incident"), className: "nowrap", show: (a) => (a.incident ? <To to={`/incidents/${enc(a.incident)}`} className="mono">{a.incident}</To> : "–") },
    { key: "told", title: t("toldState"), className: "nowrap", show: (a) => <Told alert={a} /> },
  ];
}

/** What has become of telling people of an alert. */
export function Told({ alert }: { alert: Alert }) {
  const t = useWords(words);
  if (alert.silence) return <Mark look="off" glyph="❚❚" word={t("silenced")} />;
  if (alert.deliveredAt) return <Mark look="good" glyph="✓" word={t("delivered")} />;
  return <Mark look="wait" glyph="○" word={alert.dealtAt ? t("decided") : t("undecided")} />;
}
