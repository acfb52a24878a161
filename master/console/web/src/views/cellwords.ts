import { commonWords } from "../ui/commonwords";
import { useWords } from "../ui/words";
import { type Row, type Spot, cellOf } from "./gridmap";
import { words } from "./words";

/** A function that says in words what a cell of the grid shows. */
export function useCellWords() {
  const t = useWords(words);
  const common = useWords(commonWords);
  const late = ["", t("lateDepend"), t("lateOutput"), t("lateBoth")];
  return (rows: Row[], cols: string[], at: Spot): string => {
    const group = rows[at.row]?.group;
    if (group) return t(group.open ? "groupOpen" : "groupClosed", { n: group.tasks });
    const cell = cellOf(rows, cols, at);
    if (!cell) return t("noBatch");
    const parts = [common(cell.standing.word), late[cell.late], cell.runs > 1 ? t("runs", { n: cell.runs }) : ""];
    return parts.filter(Boolean).join(", ");
  };
}
