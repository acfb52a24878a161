import { Button } from "antd";
import { glyphs } from "../ui/states";
import { To } from "../ui/link";
import { enc } from "../ui/url";
import { useWords } from "../ui/words";
import { type Rect, type Row, type Spot, cellOf, contentsOf } from "./gridmap";
import { words } from "./words";

type Props = { rows: Row[]; cols: string[]; at?: Spot; rect?: Rect; text?: string; turn: (project: string) => void };

/** What is chosen in the grid, and what can be done with it. */
export function GridBar({ rows, cols, at, rect, text, turn }: Props) {
  const t = useWords(words);
  if (!at || !rect) return <div className="views-bar faint">{t("chooseCell")}</div>;
  const several = rect.top !== rect.bottom || rect.left !== rect.right;
  if (several) return <Several rows={rows} cols={cols} rect={rect} />;
  const row = rows[at.row];
  if (row?.group) {
    return (
      <div className="views-bar">
        <b>{row.project}</b> <span className="faint">{text}</span> <Button size="small" onClick={() => turn(row.project)}>{t(row.group.open ? "hideTasks" : "showTasks")}</Button>
      </div>
    );
  }
  const cell = cellOf(rows, cols, at);
  if (!cell) {
    return (
      <div className="views-bar">
        <code>{rows[at.row]?.task}/{cols[at.col]}</code> <span className="faint">{text}</span>
      </div>
    );
  }
  return (
    <div className="views-bar">
      <To to={`/batches/${enc(cell.ref)}`}><code>{cell.ref}</code></To>
      <span className={`state state-${cell.standing.look}`}>
        <span className="glyph" aria-hidden="true">{glyphs[cell.standing.look]}</span>
        {text}
      </span>
      <To to={`/batches/${enc(cell.ref)}`} search={{ tab: "why" }}>{t("why")}</To>
      <To to={`/batches/${enc(cell.ref)}`} search={{ tab: "log" }}>{t("log")}</To>
      <Rerun rows={rows} cols={cols} rect={rect} />
    </div>
  );
}

function Several({ rows, cols, rect }: { rows: Row[]; cols: string[]; rect: Rect }) {
  const t = useWords(words);
  return (
    <div className="views-bar">
      <span>{t("chosen", { tasks: rows.slice(rect.top, rect.bottom + 1).filter((row) => !row.group).length, from: cols[rect.left] ?? "", to: cols[rect.right] ?? "" })}</span>
      <Rerun rows={rows} cols={cols} rect={rect} />
    </div>
  );
}

function Rerun({ rows, cols, rect }: { rows: Row[]; cols: string[]; rect: Rect }) {
  const t = useWords(words);
  const { batches, tasks } = contentsOf(rows, rect);
  if (batches === 0) return <span className="faint">{t("nothingToRerun")}</span>;
  const search = { task: tasks.join(","), from: cols[rect.left], to: cols[rect.right] };
  return <To to="/operations/rerun/new" search={search} className="views-button">{batches === 1 ? t("rerunOne") : t("rerun", { n: batches })}</To>;
}
