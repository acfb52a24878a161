import type { Mode } from "../ui/look";
import { type Look, glyphs, palettes } from "../ui/states";
import { type Rect, type Row, type Spot, cellSize, headHeight, partsOf, visible } from "./gridmap";
import { type Inks, accent, colourOf, glyphFont, standingOfCode, textFont } from "./looks";

const inset = 2;
const box = cellSize - 2 * inset;

/** What has not happened is hollow. */
const hollow: ReadonlySet<Look> = new Set<Look>(["waiting", "skipped", "assigned", "held"]);

/** Pictures of cells, each drawn once per look and look of the page. */
export class Sprites {
  private readonly made = new Map<string, HTMLCanvasElement>();

  constructor(
    readonly mode: Mode,
    readonly inks: Inks,
    private readonly ratio: number,
  ) {}

  of(look: Look, late: boolean, runs: number): HTMLCanvasElement {
    const shown = Math.min(runs, 10);
    const key = `${look} ${late} ${shown}`;
    let sprite = this.made.get(key);
    if (!sprite) {
      sprite = this.draw(look, late, shown);
      this.made.set(key, sprite);
    }
    return sprite;
  }

  private draw(look: Look, late: boolean, runs: number): HTMLCanvasElement {
    const sprite = document.createElement("canvas");
    sprite.width = sprite.height = Math.ceil(cellSize * this.ratio);
    const c = sprite.getContext("2d");
    if (!c) return sprite;
    c.scale(this.ratio, this.ratio);
    const colour = colourOf(look, this.mode);
    const several = runs > 1;
    drawBox(c, colour, this.inks.ground, hollow.has(look));
    c.fillStyle = hollow.has(look) ? colour : this.inks.ground;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.font = glyphFont(look === "held" ? 8 : several ? 10 : 12);
    c.fillText(glyphs[look], several ? 8.5 : cellSize / 2, several ? 9.5 : cellSize / 2 + 0.5);
    if (several) {
      c.font = textFont(10, 700);
      c.fillText(runs > 9 ? "9+" : String(runs), runs > 9 ? 14 : 16, 16.5);
    }
    if (late) drawTick(c, palettes[this.mode].late, this.inks.ground);
    return sprite;
  }
}

function drawBox(c: CanvasRenderingContext2D, colour: string, ground: string, isHollow: boolean) {
  c.beginPath();
  c.roundRect(inset + 0.5, inset + 0.5, box - 1, box - 1, 4);
  c.fillStyle = isHollow ? ground : colour;
  c.fill();
  c.lineWidth = isHollow ? 1.5 : 1;
  c.strokeStyle = colour;
  c.stroke();
}

/** The corner that says late. */
function drawTick(c: CanvasRenderingContext2D, colour: string, ground: string) {
  const [right, top, leg] = [cellSize - inset + 1, inset - 1, 10];
  c.beginPath();
  c.moveTo(right - leg, top);
  c.lineTo(right, top);
  c.lineTo(right, top + leg);
  c.closePath();
  c.fillStyle = colour;
  c.fill();
  c.strokeStyle = ground;
  c.lineWidth = 1.5;
  c.stroke();
}

export type GridPicture = { rows: Row[]; cols: string[]; at?: Spot; rect?: Rect; hover?: Spot; focused: boolean };

/** Draws what shows of the grid: cells, the head above them, what is chosen. */
export function drawGrid(c: CanvasRenderingContext2D, width: number, height: number, picture: GridPicture, scroll: { left: number; top: number }, sprites: Sprites) {
  const { rows, cols } = picture;
  const [top, bottom] = visible(scroll.top, height - headHeight, cellSize, rows.length);
  const [left, right] = visible(scroll.left, width, cellSize, cols.length);
  const x = (col: number) => col * cellSize - scroll.left;
  const y = (row: number) => headHeight + row * cellSize - scroll.top;
  if (picture.hover) drawCross(c, x(picture.hover.col), y(picture.hover.row), width, height, sprites.inks);
  drawGround(c, picture.rect, x, y);
  c.fillStyle = sprites.inks.line;
  for (let r = top; r <= bottom; r++) {
    const row = rows[r]!;
    if (row.group) {
      c.fillStyle = sprites.inks.soft;
      c.fillRect(0, y(r), width, cellSize);
      c.fillStyle = sprites.inks.line;
      c.fillRect(0, y(r) + cellSize - 1, width, 1);
      continue;
    }
    for (let col = left; col <= right; col++) {
      const standing = standingOfCode(row.cells[col]);
      if (standing) c.drawImage(sprites.of(standing.look, row.late.has(col), row.runs.get(col) ?? 1), x(col), y(r), cellSize, cellSize);
      else c.fillRect(x(col) + cellSize / 2 - 1, y(r) + cellSize / 2 - 1, 2, 2);
    }
  }
  drawChosen(c, picture, x, y, sprites.inks);
  drawHead(c, width, cols, left, right, x, sprites.inks, picture.hover ?? picture.at);
}

function drawCross(c: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, inks: Inks) {
  c.fillStyle = inks.soft;
  c.fillRect(0, y, width, cellSize);
  c.fillRect(x, 0, cellSize, height);
}

type At = (index: number) => number;

const widthOf = (rect: Rect) => (rect.right - rect.left + 1) * cellSize;
const heightOf = (rect: Rect) => (rect.bottom - rect.top + 1) * cellSize;

function drawGround(c: CanvasRenderingContext2D, rect: Rect | undefined, x: At, y: At) {
  if (!rect) return;
  c.fillStyle = `${accent}33`;
  c.fillRect(x(rect.left), y(rect.top), widthOf(rect), heightOf(rect));
}

function drawChosen(c: CanvasRenderingContext2D, picture: GridPicture, x: At, y: At, inks: Inks) {
  const { rect, at } = picture;
  if (rect && (rect.top !== rect.bottom || rect.left !== rect.right)) {
    const [w, h] = [widthOf(rect), heightOf(rect)];
    c.strokeStyle = accent;
    c.lineWidth = 2;
    c.strokeRect(x(rect.left) + 1, y(rect.top) + 1, w - 2, h - 2);
  }
  if (!at) return;
  c.strokeStyle = picture.focused ? inks.ink : inks.faint;
  c.lineWidth = 2;
  c.strokeRect(x(at.col) + 1, y(at.row) + 1, cellSize - 2, cellSize - 2);
}

function drawHead(c: CanvasRenderingContext2D, width: number, cols: string[], left: number, right: number, x: At, inks: Inks, at?: Spot) {
  c.fillStyle = inks.soft;
  c.fillRect(0, 0, width, headHeight);
  c.fillStyle = inks.line;
  c.fillRect(0, headHeight - 1, width, 1);
  c.textBaseline = "middle";
  c.textAlign = "center";
  for (let col = left; col <= right; col++) {
    c.fillStyle = at?.col === col ? inks.ink : inks.faint;
    c.font = textFont(11, at?.col === col ? 700 : 400);
    c.fillText(partsOf(cols[col]!)[1], x(col) + cellSize / 2, 30);
  }
  c.textAlign = "left";
  c.font = textFont(11, 600);
  for (const group of groupsOf(cols)) {
    const [from, to] = [x(group.from), x(group.to + 1)];
    if (to < 0 || from > width) continue;
    if (group.from > 0) {
      c.fillStyle = inks.line;
      c.fillRect(from, 2, 1, headHeight - 4);
    }
    c.fillStyle = inks.faint;
    const wide = c.measureText(group.name).width;
    if (to - from > wide + 8) c.fillText(group.name, Math.min(Math.max(from, 0) + 5, to - wide - 4), 13);
  }
}

/** Runs of columns that share the first part of their work number. */
export function groupsOf(cols: string[]): { name: string; from: number; to: number }[] {
  const groups: { name: string; from: number; to: number }[] = [];
  cols.forEach((col, i) => {
    const [name] = partsOf(col);
    const last = groups.at(-1);
    if (last?.name === name) last.to = i;
    else groups.push({ name, from: i, to: i });
  });
  return groups;
}
