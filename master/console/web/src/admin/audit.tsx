import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { Copy } from "../ui/copy";
import { FilterText } from "../ui/filtertext";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { type Search, useUrl } from "../ui/url";
import { useIso } from "../ui/useiso";
import { useWords } from "../ui/words";
import { accessWords } from "./accesswords";
import { changesOf, type Field, inShort, othersOf, reasonOf } from "../ui/auditdetail";
import { Gate } from "./gate";
import { Shell } from "./shell";
import { Fact } from "./user";
import { words } from "./words";

type Entry = Api["AuditEntry"];

export default function Audit() {
  const t = useWords(words);
  return (
    <Shell title={t("audit")}>
      <Gate action="audit.read">
        <Log />
      </Gate>
    </Shell>
  );
}

const cleared: Search = { actor: undefined, action: undefined, object: undefined, from: undefined, to: undefined };

function Log() {
  const t = useWords(words);
  const own = useWords(accessWords);
  const [url, set] = useUrl();
  const [shown, setShown] = useState<Entry>();
  const filter = { actor: url.actor || undefined, action: url.action || undefined, object: url.object || undefined, from: url.from || undefined, to: url.to || undefined };
  const read = (limit: number, cursor?: string, signal?: AbortSignal) => body(api.GET("/api/v1/audit", { params: { query: { ...filter, cursor, limit } }, signal }));
  const list = usePagedList<Entry>(["audit", "list", filter], (cursor, signal) => read(100, cursor, signal));
  return (
    <>
      <Filters url={url} set={set} />
      <ListTable
        label={t("audit")}
        columns={useColumns(setShown)}
        {...list}
        idOf={(e) => String(e.id)}
        csv={{ name: "audit", read: (cursor) => read(500, cursor) }}
        open={setShown}
        empty={<><p>{own("noAudit")}</p><Button onClick={() => set(cleared)}>{t("clear")}</Button></>}
      />
      <Shown entry={shown} close={() => setShown(undefined)} />
    </>
  );
}

function Filters({ url, set }: { url: Search; set: (patch: Search) => void }) {
  const own = useWords(accessWords);
  const texts = [["actor", "filterActor"], ["action", "filterAction"], ["object", "filterObject"]] as const;
  const days = [["from", "fromDay"], ["to", "toDay"]] as const;
  return (
    <div className="filters" role="search">
      {texts.map(([name, label]) => (
        <FilterText key={name} name={name} label={own(label)} width={190} />
      ))}
      {days.map(([name, label]) => (
        <label key={name} className="pieces">
          <span className="faint">{own(label)}</span>
          <Input type="date" value={url[name] ?? ""} onChange={(e) => set({ [name]: e.target.value || undefined })} style={{ width: 150 }} />
        </label>
      ))}
    </div>
  );
}

function useColumns(show: (entry: Entry) => void): Column<Entry>[] {
  const own = useWords(accessWords);
  const iso = useIso();
  return [
    { key: "at", title: own("at"), className: "nowrap", show: (e) => <Time at={e.at} />, text: (e) => iso(e.at) },
    { key: "actor", title: own("actor"), show: (e) => e.actor, text: (e) => e.actor },
    { key: "action", title: own("action"), className: "nowrap", show: (e) => e.action, text: (e) => e.action },
    { key: "object", title: own("object"), show: (e) => <div className="admin-text">{e.object}</div>, text: (e) => e.object },
    { key: "change", title: own("changes"), show: (e) => <div className="admin-text admin-wide">{inShort(e.detail) || "–"}</div>, text: (e) => inShort(e.detail) },
    { key: "source", title: own("source"), className: "nowrap", show: (e) => e.source ?? "–", text: (e) => e.source },
    { key: "details", title: own("details"), show: (e) => <Button size="small" style={{ minHeight: 24 }} aria-label={`${own("details")}: ${e.id}`} onClick={() => show(e)}>{own("details")}</Button>, text: (e) => (e.detail === undefined ? undefined : JSON.stringify(e.detail)) },
  ];
}

function Shown({ entry, close }: { entry?: Entry; close: () => void }) {
  const own = useWords(accessWords);
  return (
    <Modal open={entry !== undefined} title={own("entry", { id: entry?.id ?? 0 })} onCancel={close} footer={null} width={760} destroyOnHidden>
      {entry && <EntryFacts entry={entry} />}
    </Modal>
  );
}

function EntryFacts({ entry: e }: { entry: Entry }) {
  const own = useWords(accessWords);
  const changes = changesOf(e.detail);
  const others = othersOf(e.detail);
  const reason = reasonOf(e.detail);
  return (
    <>
      <dl className="facts">
        <Fact name={own("at")} value={<Time at={e.at} full />} />
        <Fact name={own("actor")} value={e.actor} />
        <Fact name={own("action")} value={e.action} />
        <Fact name={own("object")} value={e.object} />
        <Fact name={own("source")} value={e.source ?? "–"} />
        {e.requestId && <Fact name={own("request")} value={<><code>{e.requestId}</code> <Copy text={e.requestId} /></>} />}
        {reason !== "" && <Fact name={own("reason")} value={reason} />}
      </dl>
      {changes.length > 0 && <Fields title={own("changes")} fields={changes} changed />}
      {others.length > 0 && <Fields title={own("details")} fields={others} />}
      {changes.length === 0 && others.length === 0 && reason === "" && <p className="faint">{own("noDetails")}</p>}
    </>
  );
}

function Fields({ title, fields, changed }: { title: string; fields: Field[]; changed?: boolean }) {
  const own = useWords(accessWords);
  return (
    <>
      <h2>{title}</h2>
      <div className="scroll" tabIndex={0} role="region" aria-label={title}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{own("field")}</th>
              {changed && <th scope="col">{own("before")}</th>}
              <th scope="col">{changed ? own("after") : own("value")}</th>
            </tr>
          </thead>
          <tbody>
            {fields.map((f) => (
              <tr key={f.name}>
                <td>{f.name || own("value")}</td>
                {changed && <td><div className="admin-value admin-was">{f.before}</div></td>}
                <td><div className="admin-value admin-is">{f.after}</div></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
