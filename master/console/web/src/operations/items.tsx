import { type Api, api, body } from "../api/client";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { enc, useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { DecisionTag, StandingTag } from "./tags";
import { words } from "./words";

type Item = Api["OperationItem"];

/** The batches of an operation with their decisions, in the order of its plan. */
export function Items({ id }: { id: number }) {
  const t = useWords(words);
  const go = useGo();
  const list = usePagedList<Item>(["operation", id, "items"], (cursor, signal) =>
    body(api.GET("/api/v1/operations/{id}/items", { params: { path: { id }, query: { limit: 200, cursor } }, signal })),
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
    <ListTable
      label={t("batches")}
      columns={columns}
      rows={list.rows}
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
      empty={t("noItems")}
    />
  );
}
