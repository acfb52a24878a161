import { type Api, api, body } from "../api/client";
import { Act } from "../ui/act";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Span, Time } from "../ui/time";
import { useGo } from "../ui/url";
import { useWords } from "../ui/words";
import "./operations.css";
import { KindName, OperationState, Progress } from "./progress";
import { words } from "./words";

type Operation = Api["Operation"];

/** Every rerun, cold start and command on many batches, newest first. */
export default function List() {
  const t = useWords(words);
  const go = useGo();
  const list = usePagedList<Operation>(["operation", "list"], (cursor, signal) => body(api.GET("/api/v1/operations", { params: { query: { limit: 50, cursor } }, signal })));
  return (
    <>
      <div className="head">
        <h1>{t("operations")}</h1>
        <span className="grow" />
        <Act action="plan.make" onClick={() => go("/operations/rerun/new")}>{t("newRerun")}</Act>
        <Act action="coldstart" onClick={() => go("/operations/coldstart/new")}>{t("newColdStart")}</Act>
      </div>
      <ListTable
        label={t("operations")}
        columns={useColumns()}
        rows={list.rows}
        idOf={(o) => String(o.id)}
        trouble={list.trouble}
        retry={list.retry}
        more={list.more}
        open={(o) => go(`/operations/${o.id}`)}
        empty={<><p>{t("none")}</p><p>{t("noneHint")}</p></>}
      />
    </>
  );
}

function useColumns(): Column<Operation>[] {
  const t = useWords(words);
  return [
    { key: "id", title: t("id"), show: (o) => <To to={`/operations/${o.id}`}>{o.id}</To> },
    { key: "kind", title: t("kind"), className: "nowrap", show: (o) => <KindName kind={o.kind} /> },
    { key: "state", title: t("state"), show: (o) => <OperationState operation={o} /> },
    { key: "progress", title: t("progress"), show: (o) => <Progress operation={o} /> },
    { key: "author", title: t("author"), show: (o) => o.author },
    { key: "reason", title: t("reason"), className: "operations-reason", show: (o) => o.reason || <span className="faint">–</span> },
    { key: "created", title: t("created"), className: "nowrap", show: (o) => <Time at={o.createdAt} /> },
    { key: "took", title: t("took"), className: "num nowrap", show: (o) => <Span from={o.createdAt} to={o.endedAt} /> },
  ];
}
