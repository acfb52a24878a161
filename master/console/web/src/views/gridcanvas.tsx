import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useMode } from "../ui/look";
import { enc, useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { useCanvas, useSeenHeight } from "./canvas";
import { GridBar } from "./gridbar";
import { Sprites, drawGrid } from "./griddraw";
import { type Row, type Spot, cellOf, cellSize, headHeight, moved, rectOf, spotAt } from "./gridmap";
import { useCellWords } from "./cellwords";
import { readInks } from "./looks";
import { words } from "./words";

type Props = { rows: Row[]; cols: string[]; label: string; turn: (project: string) => void };

/** The grid as a picture that keys and the pointer move in; what is chosen is said below and to readers of the screen. */
export function GridCanvas({ rows, cols, label, turn }: Props) {
  const t = useWords(words);
  const say = useCellWords();
  const mode = useMode();
  const go = useGo();
  const box = useRef<HTMLDivElement>(null);
  const sprites = useRef<Sprites>(undefined);
  const [at, setAt] = useState<Spot>();
  const [anchor, setAnchor] = useState<Spot>();
  const [hover, setHover] = useState<Spot>();
  const [focused, setFocused] = useState(false);
  const size = { rows: rows.length, cols: cols.length };
  const here = at && at.row < size.rows && at.col < size.cols ? at : undefined;
  const rect = here && rectOf(anchor ?? here, here);
  const scroll = () => ({ left: box.current?.scrollLeft ?? 0, top: box.current?.scrollTop ?? 0 });

  const { canvas, redraw } = useCanvas((c, width, height) => {
    if (sprites.current?.mode !== mode) sprites.current = new Sprites(mode, readInks(), devicePixelRatio || 1);
    drawGrid(c, width, height, { rows, cols, at: here, rect, hover, focused }, scroll(), sprites.current);
  });

  useSeenHeight(box);
  useLayoutEffect(() => {
    if (box.current) box.current.scrollLeft = box.current.scrollWidth; // what is newest is at the right
  }, [size.cols]);

  const spotOf = (e: PointerEvent | React.MouseEvent) => {
    const edge = canvas.current?.getBoundingClientRect();
    return edge && spotAt(e.clientX - edge.left, e.clientY - edge.top, scroll(), size);
  };
  const choose = (spot: Spot, extend: boolean) => {
    setAnchor(extend ? (anchor ?? here ?? spot) : undefined);
    setAt(spot);
  };
  const open = (spot: Spot | undefined) => {
    const row = spot && rows[spot.row];
    if (row?.group) return turn(row.project);
    const cell = spot && cellOf(rows, cols, spot);
    if (cell) go(`/batches/${enc(cell.ref)}`);
  };
  const press = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "Enter") return open(here);
    if (e.key === "Escape") return setAnchor(undefined);
    const view = box.current;
    const page = Math.max(1, Math.floor(((view?.clientHeight ?? 0) - headHeight) / cellSize) - 1);
    const to = moved(here ?? { row: 0, col: size.cols }, e.key, size, page);
    if (!to || !view) return;
    e.preventDefault();
    choose(to, e.shiftKey);
    bringIntoView(view, to, canvas.current?.clientWidth ?? 0);
  };
  const drag = (e: PointerEvent) => {
    const spot = spotOf(e);
    if (spot?.row !== hover?.row || spot?.col !== hover?.col) setHover(spot);
    if (spot && e.buttons === 1 && e.pointerType === "mouse" && (spot.row !== here?.row || spot.col !== here?.col)) choose(spot, true);
  };
  const picked = here && say(rows, cols, here);
  const rowNames = useMemo(() => rows.map((row) => (row.group ? <GroupName key={`project ${row.project}`} row={row} turn={turn} /> : <RowName key={row.task} row={row} />)), [rows]);
  return (
    <>
      <div className="views-gridbox">
        <div
          ref={box}
          className="views-grid"
          role="grid"
          tabIndex={0}
          aria-label={label}
          aria-rowcount={size.rows + 1}
          aria-colcount={size.cols + 1}
          aria-multiselectable="true"
          aria-activedescendant={here && "views-cell"}
          aria-describedby="views-gridkeys"
          onKeyDown={press}
          onScroll={() => {
            setHover(undefined);
            redraw();
          }}
          onFocus={() => {
            setFocused(true);
            setAt((now) => now ?? { row: 0, col: size.cols - 1 });
          }}
          onBlur={() => setFocused(false)}
        >
          <div className="views-gridinner" style={{ height: headHeight + size.rows * cellSize + 2, gridTemplateColumns: `var(--views-names) ${size.cols * cellSize + 2}px` }}>
            <div className="views-corner faint" aria-hidden="true" style={{ height: headHeight }}>{t("tasksBy", { rows: rows.filter((row) => !row.group).length, cols: size.cols })}</div>
            <div className="views-names" aria-hidden="true" style={{ paddingTop: headHeight }}>{rowNames}</div>
            <canvas
              ref={canvas}
              aria-hidden="true"
              onPointerDown={(e) => {
                const spot = spotOf(e);
                if (spot && e.button === 0) choose(spot, e.shiftKey);
              }}
              onPointerMove={drag}
              onPointerLeave={() => setHover(undefined)}
              onDoubleClick={(e) => open(spotOf(e))}
            />
          </div>
          <SpokenCell rows={rows} cols={cols} at={here} text={picked ?? ""} />
        </div>
        <Tip rows={rows} cols={cols} at={hover} box={box.current} />
      </div>
      <p id="views-gridkeys" className="faint">{t("gridKeys")}</p>
      <GridBar rows={rows} cols={cols} at={here} rect={rect} text={picked} turn={turn} />
    </>
  );
}

function RowName({ row }: { row: Row }) {
  return (
    <Link to={`/tasks/${enc(row.task)}` as never} tabIndex={-1} className={row.enabled ? "" : "views-off"} title={[row.task, row.title, row.project].filter(Boolean).join(" · ")} style={{ height: cellSize }}>
      {row.task}
    </Link>
  );
}

/** The name of a project, which shows or hides its tasks; the keys do so in the grid. */
function GroupName({ row, turn }: { row: Row; turn: (project: string) => void }) {
  return (
    <button type="button" tabIndex={-1} className="views-project" style={{ height: cellSize }} onClick={() => turn(row.project)}>
      {row.group?.open ? "▾" : "▸"} {row.project} <span className="faint">{row.group?.tasks}</span>
    </button>
  );
}

/** The cell that the keys are at, for who does not see the picture. */
function SpokenCell({ rows, cols, at, text }: { rows: Row[]; cols: string[]; at?: Spot; text: string }) {
  const row = at && rows[at.row];
  if (!row) return <div role="row" className="views-spoken"><div role="gridcell" /></div>;
  return (
    <div role="row" aria-rowindex={at.row + 2} className="views-spoken">
      <div role="rowheader" aria-colindex={1}>{row.group ? row.project : row.task}</div>
      <div role="gridcell" id="views-cell" aria-colindex={at.col + 2} aria-selected="true">{row.group ? text : `${cols[at.col]}: ${text}`}</div>
    </div>
  );
}

/** What is under the pointer. */
function Tip({ rows, cols, at, box }: { rows: Row[]; cols: string[]; at?: Spot; box: HTMLDivElement | null }) {
  const say = useCellWords();
  const names = box?.querySelector<HTMLElement>(".views-names");
  if (!at || !box || !names || !rows[at.row] || rows[at.row]?.group) return null;
  const left = names.offsetWidth + at.col * cellSize - box.scrollLeft;
  const top = headHeight + (at.row + 1) * cellSize - box.scrollTop + 4;
  const below = top + 60 < box.clientHeight;
  const place = { left: Math.min(left, box.clientWidth - 240), top: below ? top : top - cellSize - 56 };
  return (
    <div className="views-tip" aria-hidden="true" style={place}>
      <code>{cellOf(rows, cols, at)?.ref ?? `${rows[at.row]?.task}/${cols[at.col]}`}</code>
      <br />
      {say(rows, cols, at)}
    </div>
  );
}

function bringIntoView(box: HTMLDivElement, at: Spot, width: number) {
  const height = box.clientHeight - headHeight;
  const [x, y] = [at.col * cellSize, at.row * cellSize];
  if (y < box.scrollTop) box.scrollTop = y;
  if (y + cellSize > box.scrollTop + height) box.scrollTop = y + cellSize - height;
  if (x < box.scrollLeft) box.scrollLeft = x;
  if (x + cellSize > box.scrollLeft + width) box.scrollLeft = x + cellSize - width;
}
