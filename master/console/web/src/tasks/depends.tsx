import { useQuery } from "@tanstack/react-query";
import { Skeleton } from "antd";
import { type Api, api, body } from "../api/client";
import { commonWords } from "../ui/commonwords";
import { Copy } from "../ui/copy";
import { To } from "../ui/link";
import { StateTag } from "../ui/statetag";
import { type Column, ListTable } from "../ui/table";
import { TroubleBox } from "../ui/trouble";
import { enc } from "../ui/url";
import { useWords } from "../ui/words";
import type { TaskDetail } from "./data";
import { type Spec, specOf } from "./definition";
import { words } from "./words";

type Related = { task: string; kinds: string[]; windows: string[]; node?: Api["GraphNode"] };

/** The tasks at the other end of the edges of one, each once. */
function related(graph: Api["Graph"], name: string, side: "parent" | "child"): Related[] {
  const own = side === "parent" ? "child" : "parent";
  const found = new Map<string, Related>();
  for (const e of graph.edges ?? []) {
    if (e[own] !== name) continue;
    const r = found.get(e[side]) ?? { task: e[side], kinds: [], windows: [], node: graph.nodes?.find((n) => n.task === e[side]) };
    r.kinds = [...new Set([...r.kinds, e.kind])];
    r.windows = [...new Set([...r.windows, e.window])];
    found.set(e[side], r);
  }
  return [...found.values()].sort((a, b) => a.task.localeCompare(b.task));
}

/** What a task waits for and what waits for it, with how each stands; and its data. */
export function Depends({ task }: { task: TaskDetail }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const graph = useQuery({
    queryKey: ["batch", "near", task.name],
    queryFn: ({ signal }) => body(api.GET("/api/v1/graph", { params: { query: { task: task.name, up: 1, down: 1, state: "now" } }, signal })),
  });
  const spec = specOf(task.definition);
  const columns = useColumns();
  return (
    <>
      <p><To to="/graph" search={{ task: task.name }}>{t("inGraph")}</To></p>
      {graph.error && <TroubleBox trouble={graph.error} retry={() => void graph.refetch()} stillShown={graph.data !== undefined} />}
      {graph.isPending && <Skeleton active title={false} aria-label={common("loading")} />}
      {graph.data && (
        <>
          <h2>{t("parents")}</h2>
          <ListTable label={t("parents")} columns={columns} rows={related(graph.data, task.name, "parent")} idOf={(r) => r.task} empty={t("noParents")} />
          <h2>{t("children")}</h2>
          <ListTable label={t("children")} columns={columns} rows={related(graph.data, task.name, "child")} idOf={(r) => r.task} empty={t("noChildren")} />
        </>
      )}
      <Data spec={spec} />
    </>
  );
}

function useColumns(): Column<Related>[] {
  const t = useWords(words);
  const kind = (k: string) => (k === "logic" ? t("logic") : k === "data" ? t("data") : k);
  return [
    { key: "task", title: t("task"), show: (r) => <><div><To to={`/tasks/${enc(r.task)}`} search={{ tab: "depends" }}>{r.task}</To></div>{r.node?.title && <div className="faint">{r.node.title}</div>}</> },
    { key: "kind", title: t("kind"), show: (r) => r.kinds.map(kind).join(", ") },
    { key: "window", title: t("window"), show: (r) => r.windows.map((w) => (w === "default" ? t("sameInterval") : w)).join(", ") },
    { key: "batch", title: t("newestBatch"), show: (r) => (r.node?.batch ? <To to={`/batches/${enc(r.node.batch)}`}>{r.node.batch.slice(r.task.length + 1)}</To> : "–") },
    { key: "state", title: t("state"), show: (r) => (r.node?.batch ? <StateTag batch={standing(r.node.state ?? "")} /> : "–") },
    { key: "owner", title: t("owner"), show: (r) => r.node?.owner ?? "–" },
  ];
}

/** A state or result in one word, as the graph has it, in the two fields of a batch. */
function standing(word: string) {
  const open = word === "waiting" || word === "assigned" || word === "running";
  return { state: open ? word : "done", finish: open ? "" : word };
}

function Data({ spec }: { spec: Spec }) {
  const t = useWords(words);
  return (
    <>
      <h2>{t("inputs")}</h2>
      {spec.inputs.length === 0 && <p className="faint">{t("noInputs")}</p>}
      <Paths paths={spec.inputs} />
      {spec.thirdParties.length > 0 && (
        <>
          <h2>{t("thirdParties")}</h2>
          <ul className="tasks-plain">{spec.thirdParties.map((p) => <li key={`${p.code}/${p.key}`}><code>{p.code}/{p.key}</code></li>)}</ul>
        </>
      )}
      <h2>{t("outputs")}</h2>
      {spec.outputs.length === 0 && <p className="faint">{t("noOutputs")}</p>}
      <Paths paths={spec.outputs} />
    </>
  );
}

function Paths({ paths }: { paths: { path: string; ready?: string; window?: string }[] }) {
  const t = useWords(words);
  return (
    <ul className="tasks-plain">
      {paths.map((p) => (
        <li key={p.path} className="tasks-path">
          <code>{p.path}</code> <Copy text={p.path} />
          {p.ready && <span className="faint">{t("readyBy", { what: p.ready })}</span>}
          {p.window && <span className="faint"> · {t("eachOf", { what: p.window })}</span>}
        </li>
      ))}
    </ul>
  );
}
