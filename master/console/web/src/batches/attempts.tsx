import type { Api } from "../api/client";
import { bytes } from "../ui/bytes";
import { To } from "../ui/link";
import { type Look, glyphs } from "../ui/states";
import { type Column, ListTable } from "../ui/table";
import { Span, Time } from "../ui/time";
import { enc, useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { words } from "./detailwords";
import type { Batch } from "./reads";
import { pageOf } from "./ref";

type Attempt = Api["Attempt"];

/** Every attempt, newest first, and how the batch was moved between workers. */
export function Attempts({ b }: { b: Batch }) {
  const t = useWords(words);
  const go = useGo();
  const log = (a: Attempt) => ({ tab: "log", attempt: String(a.attempt) });
  const rows = [...(b.attempts ?? [])].reverse();
  const columns: Column<Attempt>[] = [
    { key: "n", title: t("attempt"), className: "num", show: (a) => a.attempt },
    { key: "outcome", title: t("outcome"), show: (a) => <Outcome a={a} /> },
    { key: "host", title: t("worker"), show: (a) => <To to={`/hosts/${enc(a.host)}`}>{a.host}</To> },
    { key: "started", title: t("started"), className: "nowrap", show: (a) => <Time at={a.startedAt} /> },
    { key: "took", title: t("took"), className: "num nowrap", show: (a) => <Span from={a.startedAt} to={a.endedAt} /> },
    { key: "exit", title: t("exit"), className: "num", show: (a) => a.exitCode ?? "–" },
    { key: "memory", title: t("memoryPeak"), className: "num nowrap", show: (a) => (a.peakMemory ? bytes(a.peakMemory) : "–") },
    { key: "reason", title: t("reason"), show: (a) => a.reason ?? "–" },
    { key: "log", title: t("log"), className: "nowrap", show: (a) => <To to={pageOf(b.ref)} search={log(a)}>{bytes(a.logBytes)}</To> },
  ];
  return (
    <>
      <ListTable label={t("attempts")} columns={columns} rows={rows} idOf={(a) => String(a.attempt)} open={(a) => go(pageOf(b.ref), log(a))} empty={t("noAttempts")} />
      <Answers rows={rows} />
      <MovedList b={b} />
    </>
  );
}

const looks: Record<string, Look> = { success: "ok", failed: "failed", killed: "killed", lost: "failed" };

function Outcome({ a }: { a: Attempt }) {
  const t = useWords(words);
  const look = a.endedAt ? (looks[a.outcome ?? ""] ?? "failed") : "running";
  return (
    <span className={`state state-${look}`}>
      <span aria-hidden="true" className="glyph">{glyphs[look]}</span>
      {a.endedAt ? (a.outcome ?? "–") : t("running")}
    </span>
  );
}

function Answers({ rows }: { rows: Attempt[] }) {
  const t = useWords(words);
  return rows.filter((a) => a.answer).map((a) => (
    <section key={a.attempt}>
      <h2>{t("answerOf", { n: a.attempt, status: a.answer?.status ?? 0 })}</h2>
      <pre className="batches-tail" tabIndex={0}>{a.answer?.body}</pre>
    </section>
  ));
}

function MovedList({ b }: { b: Batch }) {
  const t = useWords(words);
  const moved = b.moved ?? [];
  if (moved.length === 0) return null;
  return (
    <>
      <h2>{t("moved")}</h2>
      <ul>
        {moved.map((m) => (
          <li key={`${m.at} ${m.attempt}`}>
            <Time at={m.at} full /> · {m.from} → {m.to ?? "–"} · {m.reason}
          </li>
        ))}
      </ul>
    </>
  );
}
