import { Select } from "antd";
import { type Api, api, body } from "../api/client";
import { commonWords } from "../ui/commonwords";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { StateTag } from "../ui/statetag";
import { type Column, ListTable } from "../ui/table";
import { Span, Time } from "../ui/time";
import { enc, useGo, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./words";

type Batch = Api["Batch"];

const states = ["waiting", "assigned", "running", "success", "failed", "killed", "skipped", "lost"] as const;

/** The batches of a task, newest first. */
export function Runs({ name }: { name: string }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const go = useGo();
  const [url, set] = useUrl();
  const state = url.state || undefined;
  const list = usePagedList<Batch>(["batch", "runs", name, { state }], (cursor, signal) =>
    body(api.GET("/api/v1/batches", { params: { query: { task: name, state, limit: 50, cursor } }, signal })),
  );
  const page = (b: Batch, tab?: string) => go(`/batches/${enc(b.ref)}`, tab ? { tab } : {});
  return (
    <>
      <div className="filters">
        <Select aria-label={t("state")} value={state ?? ""} onChange={(s) => set({ state: s || undefined })} style={{ minWidth: 130 }} options={[{ value: "", label: t("anyState") }, ...states.map((s) => ({ value: s, label: common(s === "success" ? "ok" : s) }))]} />
        <To to="/batches" search={{ task: name, range: "allTime", state }}>{t("amongBatches")}</To>
        <To to="/operations/rerun/new" search={{ task: name }}>{t("rerunRange")}</To>
      </div>
      <ListTable
        label={t("runs")}
        columns={useColumns()}
        {...list}
        idOf={(b) => String(b.id)}
        open={(b) => page(b)}
        keys={{ e: (b) => page(b, "why"), l: (b) => page(b, "log"), r: (b) => go("/operations/rerun/new", { batch: b.ref }) }}
        empty={state ? t("noRunMatches") : t("noRunsYet")}
      />
    </>
  );
}

function useColumns(): Column<Batch>[] {
  const t = useWords(words);
  return [
    { key: "ref", title: t("workNo"), className: "nowrap", show: (b) => <To to={`/batches/${enc(b.ref)}`}>{b.workNo}.{b.run}</To> },
    { key: "state", title: t("state"), show: (b) => <StateTag batch={b} /> },
    { key: "why", title: t("why"), show: (b) => <To to={`/batches/${enc(b.ref)}`} search={{ tab: "why" }}>{b.state === "waiting" && b.unmet > 0 ? t("unmet", { n: b.unmet }) : (b.gate ?? b.message ?? "").slice(0, 60) || "–"}</To> },
    { key: "scheduled", title: t("scheduled"), className: "nowrap", show: (b) => <Time at={b.scheduledAt} /> },
    { key: "ran", title: t("ran"), className: "num nowrap", show: (b) => <Span from={b.startedAt} to={b.endedAt} /> },
    { key: "worker", title: t("worker"), show: (b) => (b.host ? <To to={`/hosts/${enc(b.host)}`}>{b.host}</To> : "–") },
    { key: "version", title: t("version"), className: "num", show: (b) => b.taskVersion },
  ];
}
