import { type Api, api, body } from "../api/client";
import { useMay } from "../frame/session";
import { inShort } from "../ui/auditdetail";
import { commonWords } from "../ui/commonwords";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { useWords } from "../ui/words";
import { words } from "./detailwords";
import type { Batch } from "./reads";

/** What people did to this batch, for who may read the audit log. */
export function AuditTab({ b }: { b: Batch }) {
  const common = useWords(commonWords);
  const may = useMay();
  if (!may("audit.read")) return <div className="empty">{common("refused", { action: "audit.read" })}</div>;
  return <Entries b={b} />;
}

function Entries({ b }: { b: Batch }) {
  const t = useWords(words);
  const list = usePagedList<Api["AuditEntry"]>(["batch", "audit", b.ref], (cursor, signal) =>
    body(api.GET("/api/v1/audit", { params: { query: { object: b.ref, limit: 50, cursor } }, signal })),
  );
  const columns: Column<Api["AuditEntry"]>[] = [
    { key: "at", title: t("when"), className: "nowrap", show: (e) => <Time at={e.at} full /> },
    { key: "actor", title: t("actor"), show: (e) => e.actor },
    { key: "action", title: t("action"), className: "nowrap", show: (e) => e.action },
    { key: "detail", title: t("detail"), show: (e) => <div className="batches-wide">{inShort(e.detail) || "–"}</div> },
    { key: "source", title: t("source"), show: (e) => e.source ?? "–" },
    { key: "request", title: t("request"), show: (e) => <code>{e.requestId ?? "–"}</code> },
  ];
  return <ListTable label={t("audit")} columns={columns} {...list} idOf={(e) => String(e.id)} empty={t("noAudit")} />;
}
