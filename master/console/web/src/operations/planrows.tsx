import { Button } from "antd";
import { memo, useState } from "react";
import { useZone } from "../frame/session";
import { To } from "../ui/link";
import { type Column, ListTable } from "../ui/table";
import { inZone } from "../ui/time";
import { enc, useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { planWords } from "./planwords";
import { type Run, existingRef, ticked, warned } from "./runs";
import { DecisionTag, StandingTag } from "./tags";
import { words } from "./words";

const pageSize = 100;

type Props = { runs: Run[]; cascade: boolean; each: boolean; picked: ReadonlySet<string>; pick: (names: ReadonlySet<string>) => void };

/** An instant without its seconds, where they are none: what batches are of begins and ends by the minute, but for cron. */
const minute = (at: number, zone: string) => inZone(at, zone).replace(/:00$/, "");

const idOf = ({ first, count }: Run) => `${first.task}/${first.workNo} ${count}`;

/** The lines of a plan, a hundred at a time, with what the command line shows of each; drawn again only when they change. */
export const PlanRows = memo(function PlanRows({ runs, cascade, each, picked, pick }: Props) {
  const t = useWords(planWords);
  const go = useGo();
  const [page, setPage] = useState(0);
  const toggle = (name: string | undefined) => {
    if (!name) return;
    const next = new Set(picked);
    if (!next.delete(name)) next.add(name);
    pick(next);
  };
  const tick = (run: Run) => {
    const name = ticked(run, each);
    return name && <input type="checkbox" className="operations-tick" aria-label={t("pick", { what: name })} checked={picked.has(name)} onChange={() => toggle(name)} />;
  };
  const columns = useColumns(cascade);
  columns.unshift({ key: "pick", title: t("pickColumn"), show: tick });
  const from = page * pageSize;
  return (
    <>
      <ListTable
        label={t("stepPlan")}
        columns={columns}
        rows={runs.slice(from, from + pageSize)}
        idOf={idOf}
        open={({ first }) => { const ref = existingRef(first); if (ref) go(`/batches/${enc(ref)}`); }}
        keys={{ x: (run) => toggle(ticked(run, each)) }}
        empty={t("noMatch")}
      />
      {runs.length > pageSize && (
        <nav className="operations-pages" aria-label={t("stepPlan")}>
          <Button size="small" disabled={page === 0} onClick={() => setPage(page - 1)}>{t("before")}</Button>
          <span>{t("page", { from: from + 1, to: Math.min(runs.length, from + pageSize), total: runs.length })}</span>
          <Button size="small" disabled={from + pageSize >= runs.length} onClick={() => setPage(page + 1)}>{t("next")}</Button>
        </nav>
      )}
    </>
  );
});

function useColumns(cascade: boolean): Column<Run>[] {
  const t = useWords(planWords);
  const w = useWords(words);
  const zone = useZone();
  const faint = <span className="faint">–</span>;
  const columns: Column<Run>[] = [
    { key: "decision", title: w("decision"), show: ({ first }) => <DecisionTag decision={first.decision} warned={warned(first)} /> },
    { key: "task", title: t("task"), show: ({ first }) => <To to={`/tasks/${enc(first.task)}`}>{first.task}</To> },
    { key: "numbers", title: t("numbersColumn"), className: "nowrap", show: ({ first, last, count }) => <code>{count === 1 ? first.workNo : `${first.workNo}..${last.workNo}`}</code> },
    { key: "count", title: w("batches"), className: "num", show: ({ count }) => count },
    { key: "reason", title: w("reason"), className: "operations-why", show: ({ first }) => <Why run={first} /> },
    { key: "existing", title: t("existing"), show: ({ first, count }) => <Existing item={first} one={count === 1} /> },
    { key: "interval", title: t("interval"), className: "nowrap", show: ({ first, last }) => `${minute(first.bizStart, zone)} … ${minute(last.bizEnd, zone)}` },
  ];
  if (!cascade) return columns;
  columns.splice(4, 0, { key: "level", title: t("level"), className: "num", show: ({ first }) => first.level ?? 0 }, { key: "via", title: t("via"), className: "operations-via", show: ({ first }) => (first.via ?? []).join(", ") || faint });
  return columns;
}

function Why({ run }: { run: Run["first"] }) {
  return (
    <>
      <code>{run.code}</code> {run.sentence}
      {(run.warnings ?? []).map((warning) => <span key={warning} className="operations-warning">{warning}</span>)}
    </>
  );
}

function Existing({ item, one }: { item: Run["first"]; one: boolean }) {
  const ref = existingRef(item);
  if (!ref || !item.existing) return <span className="faint">–</span>;
  const tag = <StandingTag standing={item.existing} />;
  return one ? <To to={`/batches/${enc(ref)}`}>{tag}</To> : tag;
}
