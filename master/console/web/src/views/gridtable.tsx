import { commonWords } from "../ui/commonwords";
import { To } from "../ui/link";
import { glyphs } from "../ui/states";
import { ListTable } from "../ui/table";
import { enc } from "../ui/url";
import { useWords } from "../ui/words";
import { type Row, cellOf } from "./gridmap";
import { useCellWords } from "./cellwords";
import { words } from "./words";

type Props = { rows: Row[]; cols: string[]; label: string };

const shown = 12;

/** The grid as a table: how many batches of each task stand how, and links to those that are not successful. */
export function GridTable({ rows, cols, label }: Props) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const numbered = rows.map((row, at) => ({ row, at }));
  const columns = [
    { key: "task", title: t("task"), show: ({ row }: Numbered) => <To to={`/tasks/${enc(row.task)}`}>{row.task}</To> },
    { key: "project", title: t("project"), show: ({ row }: Numbered) => row.project },
    { key: "made", title: t("batches"), className: "num", show: ({ row }: Numbered) => row.cells.replaceAll(".", "").length },
    { key: "ok", title: common("ok"), className: "num", show: ({ row }: Numbered) => row.cells.replaceAll(/[^S]/g, "").length },
    { key: "late", title: common("late"), className: "num", show: ({ row }: Numbered) => row.late.size },
    { key: "others", title: t("others"), show: ({ at }: Numbered) => <Others rows={rows} cols={cols} at={at} /> },
  ];
  return <ListTable label={label} columns={columns} rows={numbered} idOf={({ row }) => row.task} />;
}

type Numbered = { row: Row; at: number };

function Others({ rows, cols, at }: { rows: Row[]; cols: string[]; at: number }) {
  const t = useWords(words);
  const say = useCellWords();
  const spots = cols.map((_, col) => ({ row: at, col })).filter((spot) => {
    const cell = cellOf(rows, cols, spot);
    return cell && cell.standing.look !== "ok";
  });
  if (spots.length === 0) return <span className="faint">–</span>;
  return (
    <span className="pieces">
      {spots.slice(-shown).map((spot) => <Other key={spot.col} cell={cellOf(rows, cols, spot)} name={cols[spot.col] ?? ""} text={say(rows, cols, spot)} />)}
      {spots.length > shown && <span className="faint">{t("andMore", { n: spots.length - shown })}</span>}
    </span>
  );
}

function Other({ cell, name, text }: { cell: ReturnType<typeof cellOf>; name: string; text: string }) {
  if (!cell) return null;
  return (
    <span className={`state state-${cell.standing.look}`}>
      <span className="glyph" aria-hidden="true">{glyphs[cell.standing.look]}</span>
      <To to={`/batches/${enc(cell.ref)}`}>{name}</To> {text}
    </span>
  );
}
