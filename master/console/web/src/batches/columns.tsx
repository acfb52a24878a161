import type { Api } from "../api/client";
import { To } from "../ui/link";
import { StateTag, useStateWord } from "../ui/statetag";
import type { Column } from "../ui/table";
import { Span, Time } from "../ui/time";
import { enc } from "../ui/url";
import { useIso } from "../ui/useiso";
import { useWords } from "../ui/words";
import { words } from "./words";

type Batch = Api["Batch"];

/** The columns that the list of batches has at first, behind the name. */
export const usualColumns = ["state", "why", "project", "scheduled", "ran", "worker"];

/** Every column that the list of batches may have. */
export function useColumns(): Column<Batch>[] {
  const t = useWords(words);
  const iso = useIso();
  const stateWord = useStateWord();
  const why = (b: Batch) => (b.state === "waiting" && b.unmet > 0 ? t("unmet", { n: b.unmet }) : (b.gate ?? b.message ?? ""));
  const time = (key: "scheduled" | "created" | "started" | "ended", at: (b: Batch) => number | undefined): Column<Batch> => ({ key, title: t(key), className: "nowrap", show: (b) => <Time at={at(b)} />, text: (b) => iso(at(b)) });
  const worker = (b: Batch) => (b.host ? <To to={`/hosts/${enc(b.host)}`}>{b.host}</To> : "–");
  const operation = (b: Batch) => (b.operationId ? <To to={`/operations/${b.operationId}`}>{b.operationId}</To> : "–");
  return [
    { key: "ref", title: t("batch"), show: (b) => <To to={`/batches/${enc(b.ref)}`}>{b.ref}</To>, text: (b) => b.ref },
    { key: "state", title: t("state"), show: (b) => <StateTag batch={b} />, text: stateWord },
    { key: "why", title: t("why"), show: (b) => <To to={`/batches/${enc(b.ref)}`} search={{ tab: "why" }}>{why(b).slice(0, 60) || "–"}</To>, text: why },
    { key: "task", title: t("task"), show: (b) => <To to={`/tasks/${enc(b.task)}`}>{b.task}</To>, text: (b) => b.task },
    { key: "project", title: t("project"), show: (b) => b.project, text: (b) => b.project },
    time("scheduled", (b) => b.scheduledAt),
    time("created", (b) => b.createdAt),
    time("started", (b) => b.startedAt),
    time("ended", (b) => b.endedAt),
    { key: "ran", title: t("ran"), heading: t("ranSeconds"), className: "num nowrap", show: (b) => <Span from={b.startedAt} to={b.endedAt} />, text: (b) => (b.startedAt && b.endedAt ? (b.endedAt - b.startedAt) / 1000 : undefined) },
    { key: "worker", title: t("worker"), show: worker, text: (b) => b.host },
    { key: "attempt", title: t("attempts"), className: "num", show: (b) => b.attempt, text: (b) => b.attempt },
    { key: "priority", title: t("priority"), className: "num", show: (b) => b.priority, text: (b) => b.priority },
    { key: "origin", title: t("origin"), show: (b) => b.origin, text: (b) => b.origin },
    { key: "operation", title: t("operation"), className: "num", show: operation, text: (b) => b.operationId },
  ];
}
