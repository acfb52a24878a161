import type { Api } from "../api/client";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { useWords } from "../ui/words";
import { words } from "./detailwords";
import { type Batch, useEvents } from "./reads";

/** The journal of the batch, newest first. */
export function Events({ b }: { b: Batch }) {
  const t = useWords(words);
  const events = useEvents(b.ref);
  const columns: Column<Api["Event"]>[] = [
    { key: "at", title: t("when"), className: "nowrap", show: (e) => <Time at={e.at} full /> },
    { key: "move", title: t("move"), show: (e) => <b>{e.move}</b> },
    { key: "to", title: t("state"), className: "nowrap", show: (e) => (e.from === e.to ? e.to : `${e.from || "∅"} → ${e.to}`) },
    { key: "attempt", title: t("attempt"), className: "num", show: (e) => e.attempt || "–" },
    { key: "actor", title: t("actor"), show: (e) => e.actor },
    { key: "detail", title: t("detail"), show: (e) => e.detail ?? "" },
  ];
  const rows = events.data && [...(events.data.items ?? [])].reverse();
  return <ListTable label={t("events")} columns={columns} rows={rows} idOf={(e) => String(e.seq)} trouble={events.error} retry={() => void events.refetch()} />;
}
