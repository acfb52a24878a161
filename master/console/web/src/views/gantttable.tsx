import { useState } from "react";
import { To } from "../ui/link";
import { StateTag } from "../ui/statetag";
import { type Column, ListTable } from "../ui/table";
import { Span, Time } from "../ui/time";
import { enc, useGo } from "../ui/url";
import { useWords } from "../ui/words";
import type { Bar, Group } from "./ganttrows";
import { words } from "./words";

const page = 300;

/** The bars of the chart as a table, in the same order. */
export function GanttTable({ groups, label }: { groups: Group[]; label: string }) {
  const t = useWords(words);
  const go = useGo();
  const [count, setCount] = useState(page);
  const bars = groups.flatMap((g) => g.bars);
  const columns: Column<Bar>[] = [
    { key: "ref", title: t("batch"), show: (b) => <To to={`/batches/${enc(b.batch.ref)}`}>{b.batch.ref}</To> },
    { key: "state", title: t("state"), show: (b) => <StateTag batch={b.batch} /> },
    { key: "from", title: t("waitsSince"), className: "nowrap", show: (b) => <Time at={b.from} /> },
    { key: "waited", title: t("waited"), className: "num nowrap", show: (b) => <Span from={b.from} to={b.ranFrom ?? b.end} /> },
    { key: "started", title: t("started"), className: "nowrap", show: (b) => <Time at={b.ranFrom} /> },
    { key: "ran", title: t("ran"), className: "num nowrap", show: (b) => <Span from={b.ranFrom} to={b.end} /> },
    { key: "worker", title: t("worker"), show: (b) => (b.batch.host ? <To to={`/hosts/${enc(b.batch.host)}`}>{b.batch.host}</To> : "–") },
  ];
  return (
    <ListTable
      label={label}
      columns={columns}
      rows={bars.slice(0, count)}
      idOf={(b) => String(b.batch.id)}
      open={(b) => go(`/batches/${enc(b.batch.ref)}`)}
      more={{ has: bars.length > count, load: () => setCount(count + page), loading: false }}
    />
  );
}
