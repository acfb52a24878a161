import { type Api, api, body } from "../api/client";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { enc } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./detailwords";
import type { Batch } from "./reads";

/** The alerts that were recorded about this batch. */
export function AlertsTab({ b }: { b: Batch }) {
  const t = useWords(words);
  const list = usePagedList<Api["Alert"]>(["alert", "batch", b.ref], (cursor, signal) =>
    body(api.GET("/api/v1/alerts", { params: { query: { object: b.ref, task: b.task, limit: 50, cursor } }, signal })),
  );
  const columns: Column<Api["Alert"]>[] = [
    { key: "at", title: t("when"), className: "nowrap", show: (a) => <Time at={a.createdAt} full /> },
    { key: "level", title: t("level"), show: (a) => a.level },
    { key: "kind", title: t("kind"), className: "nowrap", show: (a) => a.kind },
    { key: "text", title: t("text"), show: (a) => a.text },
    { key: "incident", title: t("incident"), show: (a) => (a.incident ? <To to={`/alerts/${enc(a.incident)}`}>{a.incident}</To> : "–") },
    { key: "sent", title: t("sent"), className: "nowrap", show: (a) => (a.silence ? t("silenced") : <Time at={a.deliveredAt} />) },
  ];
  return <ListTable label={t("alerts")} columns={columns} {...list} idOf={(a) => String(a.id)} empty={t("noAlerts")} />;
}
