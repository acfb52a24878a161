import { Button, Select } from "antd";
import { type Api, api, body } from "../api/client";
import { To } from "../ui/link";
import { commonWords } from "../ui/commonwords";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { type Search, enc, useGo, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { isCommand } from "./progress";
import { DecisionTag, StandingTag } from "./tags";
import { words } from "./words";

type Item = Api["OperationItem"];

const decisions = ["create", "change", "skip", "block", "fail"] as const;
type Decision = (typeof decisions)[number];

const states = { waiting: "waiting", assigned: "assigned", running: "running", success: "ok", failed: "failed", killed: "killed", skipped: "skipped", lost: "lost" } as const;
type State = keyof typeof states;

const cleared: Search = { decision: undefined, state: undefined };

/** The batches of an operation with their decisions, in the order of its plan; those that are shown are in the address. */
export function Items({ id, kind }: { id: number; kind: string }) {
  const t = useWords(words);
  const go = useGo();
  const [url, set] = useUrl();
  const filter = { decision: decisions.find((d) => d === url.decision), state: (Object.keys(states) as State[]).find((s) => s === url.state) };
  const filtered = filter.decision !== undefined || filter.state !== undefined;
  const list = usePagedList<Item>(["operation", id, "items", filter], (cursor, signal) =>
    body(api.GET("/api/v1/operations/{id}/items", { params: { path: { id }, query: { ...filter, limit: 200, cursor } }, signal })),
  );
  const columns: Column<Item>[] = [
    { key: "n", title: "#", className: "num", show: (i) => i.n + 1 },
    { key: "decision", title: t("decision"), show: (i) => <DecisionTag decision={i.decision} /> },
    { key: "batch", title: t("batch"), show: (i) => (i.ref ? <To to={`/batches/${enc(i.ref)}`}>{i.ref}</To> : `${i.task}/${i.workNo}`) },
    { key: "code", title: t("code"), show: (i) => <code>{i.code}</code> },
    { key: "state", title: t("became"), show: (i) => (i.state ? <StandingTag standing={i.state} /> : <span className="faint">–</span>) },
    { key: "result", title: t("result"), show: (i) => i.result || <span className="faint">–</span> },
  ];
  return (
    <>
      <Filters kind={kind} filter={filter} set={set} />
      <ListTable
        label={t("batches")}
        columns={columns}
        rows={list.rows}
        old={list.old}
        idOf={(i) => String(i.n)}
        trouble={list.trouble}
        retry={list.retry}
        more={list.more}
        open={(i) => i.ref && go(`/batches/${enc(i.ref)}`)}
        keys={{
          e: (i) => i.ref && go(`/batches/${enc(i.ref)}`, { tab: "why" }),
          l: (i) => i.ref && go(`/batches/${enc(i.ref)}`, { tab: "log" }),
          r: (i) => i.ref && go("/operations/rerun/new", { batch: i.ref }),
        }}
        empty={filtered ? <><p>{t("noItem")}</p><Button onClick={() => set(cleared)}>{t("showAll")}</Button></> : t("noItems")}
      />
    </>
  );
}

type FiltersProps = { kind: string; filter: { decision?: Decision; state?: State }; set: (patch: Search) => void };

function Filters({ kind, filter, set }: FiltersProps) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const able = decisions.filter((d) => d === filter.decision || (isCommand(kind) ? d !== "create" : d !== "change" && d !== "fail"));
  return (
    <div className="filters" role="search">
      <Select aria-label={t("decision")} className="operations-filter" value={filter.decision ?? ""} onChange={(d) => set({ decision: d || undefined })} options={[{ value: "", label: t("anyDecision") }, ...able.map((d) => ({ value: d, label: t(`decide_${d}`) }))]} />
      <Select aria-label={t("became")} className="operations-filter" value={filter.state ?? ""} onChange={(s) => set({ state: s || undefined })} options={[{ value: "", label: t("anyState") }, ...Object.entries(states).map(([value, word]) => ({ value, label: common(word) }))]} />
    </div>
  );
}
