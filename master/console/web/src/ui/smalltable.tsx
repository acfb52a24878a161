import type { ReactNode } from "react";
import type { Column } from "./table";

type Props<Row> = { label: string; columns: Column<Row>[]; rows: Row[]; idOf: (row: Row, i: number) => string; empty: ReactNode };

/** A short table beside others, which the keys of the page do not go through. */
export function SmallTable<Row>({ label, columns, rows, idOf, empty }: Props<Row>) {
  if (rows.length === 0) return <p className="faint">{empty}</p>;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="table">
        <thead>
          <tr>{columns.map((c) => <th key={c.key} scope="col" className={c.className}>{c.title}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={idOf(row, i)}>{columns.map((c) => <td key={c.key} className={c.className}>{c.show(row)}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
