import { Button, Skeleton } from "antd";
import { type ReactNode, Suspense, lazy, useRef, useState } from "react";
import { commonWords } from "./commonwords";
import type { Cell } from "./csv";
import type { Csv } from "./download";
import { useKey } from "./keys";
import "./list.css";
import { TroubleBox } from "./trouble";
import { useWords } from "./words";

// What is above a list comes after it, so that the first look is not kept waiting.
const DownloadCsv = lazy(() => import("./download")) as unknown as typeof import("./download").default;

export type Column<Row> = { key: string; title: ReactNode; show: (row: Row) => ReactNode; className?: string; text?: (row: Row) => Cell; heading?: string }; // the last two: in a file

type Props<Row> = {
  label: string; // what the table is of, for who does not see it
  columns: Column<Row>[];
  rows?: Row[]; // undefined: not read yet
  idOf: (row: Row) => string;
  old?: boolean; // the rows are not yet those that were asked for
  trouble?: unknown;
  retry?: () => void;
  empty?: ReactNode; // why there is nothing, and what to do
  more?: { has: boolean; load: () => void; loading: boolean };
  open?: (row: Row) => void; // Enter on the row that the keys are at
  keys?: Record<string, (row: Row) => void>; // other single keys
  selected?: ReadonlySet<string>;
  tools?: ReactNode; // above the table
  csv?: { name: string; columns?: Column<Row>[]; read: Csv<Row>["read"] }; // makes a file of the columns that have a text
};

/**
 * A table of a list: j and k move, Enter opens, other keys act on the row; pages follow each other by a button.
 * On a phone each row is a card (list.css), so its roles are said: a browser forgets those of a table that is laid out anew.
 */
export function ListTable<Row>(props: Props<Row>) {
  const t = useWords(commonWords);
  const { rows, columns, idOf } = props;
  const [at, setAt] = useState(-1);
  const box = useRef<HTMLTableSectionElement>(null);
  const here = rows?.[at];
  const name = columns.find((c) => textOf(c) !== undefined);
  const classOf = (c: Column<Row>) => [c.className, c === name && "list-name", textOf(c) === undefined && "list-tool"].filter(Boolean).join(" ") || undefined;
  const move = (by: number) => {
    const next = Math.max(0, Math.min((rows?.length ?? 0) - 1, at + by));
    setAt(next);
    box.current?.rows[next]?.scrollIntoView({ block: "nearest" });
  };
  useKey("j", () => move(1));
  useKey("k", () => move(-1));
  return (
    <>
      {props.trouble !== undefined && props.trouble !== null && <TroubleBox trouble={props.trouble} retry={props.retry} stillShown={rows !== undefined} />}
      {(rows === undefined || (rows.length === 0 && props.old)) && !props.trouble && <Skeleton active title={false} paragraph={{ rows: 6 }} aria-label={t("loading")} />}
      {rows?.length === 0 && !props.old && <div className="empty">{props.empty ?? t("nothing")}</div>}
      {rows !== undefined && rows.length > 0 && (props.csv || props.tools) && (
        <div className="list-tools">
          {props.tools}
          <Suspense>{props.csv && <DownloadCsv name={props.csv.name} columns={inFile(props.csv.columns ?? columns)} read={props.csv.read} />}</Suspense>
        </div>
      )}
      {rows !== undefined && rows.length > 0 && (
        <div className="scroll" tabIndex={0} role="region" aria-label={props.label}>
          <table role="table" className="table list" aria-busy={props.old ?? false}>
            <thead role="rowgroup">
              <tr role="row">{columns.map((c) => <th key={c.key} scope="col" role="columnheader" className={classOf(c)}>{c.title}</th>)}</tr>
            </thead>
            <tbody role="rowgroup" ref={box}>
              {rows.map((row, i) => (
                <tr key={idOf(row)} role="row" aria-selected={i === at || (props.selected?.has(idOf(row)) ?? false)} onClick={() => setAt(i)}>
                  {columns.map((c) => <td key={c.key} role="cell" className={classOf(c)} data-title={c === name ? undefined : textOf(c)}>{c.show(row)}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {props.more?.has && (
        <p style={{ textAlign: "center" }}>
          <Button onClick={props.more.load} loading={props.more.loading}>{t("more")}</Button>
        </p>
      )}
      {here !== undefined && Object.entries({ ...(props.open ? { Enter: props.open } : {}), ...props.keys }).map(([key, act]) => <RowKey key={key} name={key} act={() => act(here)} />)}
    </>
  );
}

const inFile = <Row,>(columns: Column<Row>[]) => columns.flatMap(({ title, heading = title, text }) => (typeof heading === "string" && text ? [{ title: heading, text }] : []));

const textOf = ({ title }: { title: ReactNode }) => (typeof title === "string" ? title : undefined);

function RowKey({ name, act }: { name: string; act: () => void }) {
  useKey(name, act);
  return null;
}
