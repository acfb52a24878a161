import type { Mode } from "../ui/look";
import { glyphs } from "../ui/states";
import { type Camera, type View, detailAt, nodesWithin, scaleY, sizeAt, toPicture, toScreen } from "./camera";
import { type Inks, accent, colourOf, glyphFont, textFont } from "./looks";
import { type Edge, type Node, type Picture, card, rankStep } from "./picture";

export type Scene = { picture: Picture; camera: Camera; chosen?: number; hover?: number; focus?: number; mode: Mode; inks: Inks; moving: boolean };

/** More lines than this are not drawn while the picture moves. */
const manyLines = 3000;

const smallest = 9; // of fonts
const textRoom = card.width - 36; // for the texts of a card, at scale 1

type Pen = { c: CanvasRenderingContext2D; scene: Scene; view: View; ys: number; size: { width: number; height: number } };

/** Draws what shows of a picture, in as much detail as its scale allows. */
export function drawGraph(c: CanvasRenderingContext2D, width: number, height: number, scene: Scene) {
  const view = { width, height };
  const ys = scaleY(scene.camera.scale, scene.picture, view);
  const pen: Pen = { c, scene, view, ys, size: sizeAt(scene.camera.scale, ys) };
  const detail = detailAt(scene.camera.scale);
  drawEdges(pen);
  const [left, top] = toPicture(scene.camera, ys, view, -pen.size.width, -pen.size.height);
  const [right, bottom] = toPicture(scene.camera, ys, view, width + pen.size.width, height + pen.size.height);
  for (const i of nodesWithin(scene.picture, left, top, right, bottom)) {
    const node = scene.picture.nodes[i]!;
    if (detail === "far") drawDot(pen, node);
    else drawCard(pen, node, detail === "near");
  }
  for (const i of new Set([scene.focus, scene.hover, scene.chosen])) if (i !== undefined) drawRing(pen, i, detail === "far");
}

function drawEdges(pen: Pen) {
  const { c, scene, view } = pen;
  const { edges } = scene.picture;
  const about = scene.chosen ?? scene.hover;
  if (!(scene.moving && edges.length > manyLines)) {
    c.lineWidth = detailAt(scene.camera.scale) === "far" ? 0.6 : 1.2;
    c.globalAlpha = detailAt(scene.camera.scale) === "far" ? 0.5 : 1;
    for (const dashed of [false, true]) {
      c.setLineDash(dashed ? [5, 4] : []);
      c.strokeStyle = scene.mode === "light" ? "#aab2bd" : "#4a556b";
      c.beginPath();
      for (const e of edges) if (e.dashed === dashed) trace(pen, e, view);
      c.stroke();
    }
    c.globalAlpha = 1;
  }
  c.setLineDash([]);
  if (about === undefined) return;
  c.strokeStyle = accent;
  c.lineWidth = 1.8;
  c.beginPath();
  for (const e of edges) if (e.from === about || e.to === about) trace(pen, e, view);
  c.stroke();
}

/** Adds an edge to the path, unless all of it is beside the view. */
function trace({ c, scene, ys, size }: Pen, e: Edge, view: View) {
  const [a, b] = [scene.picture.nodes[e.from]!, scene.picture.nodes[e.to]!];
  const [x1, ya] = toScreen(scene.camera, ys, view, a.x, a.y);
  const [x2, yb] = toScreen(scene.camera, ys, view, b.x, b.y);
  const down = yb >= ya ? 1 : -1;
  const [y1, y2] = [ya + (down * size.height) / 2, yb - (down * size.height) / 2];
  if (Math.max(y1, y2) < 0 || Math.min(y1, y2) > view.height) return;
  const via = e.via.map((x, i) => toScreen(scene.camera, ys, view, x, a.y + (i + 1) * rankStep));
  const xs = [x1, x2, ...via.map(([x]) => x)];
  if (Math.max(...xs) < 0 || Math.min(...xs) > view.width) return;
  let [px, py] = [x1, y1];
  c.moveTo(px, py);
  for (const [x, y] of [...via, [x2, y2] as const]) {
    const mid = (py + y) / 2;
    if (size.width < 30) c.lineTo(x, y);
    else c.bezierCurveTo(px, mid, x, mid, x, y);
    [px, py] = [x, y];
  }
}

function drawDot({ c, scene, view, ys, size }: Pen, node: Node) {
  const [x, y] = toScreen(scene.camera, ys, view, node.x, node.y);
  c.fillStyle = node.standing ? colourOf(node.standing.look, scene.mode) : scene.inks.faint;
  c.globalAlpha = node.faint ? 0.4 : 1;
  c.fillRect(x - size.width / 2, y - size.height / 2, Math.max(1, size.width - 1), size.height);
  c.globalAlpha = 1;
}

function drawCard(pen: Pen, node: Node, near: boolean) {
  const { c, scene, view, ys, size } = pen;
  const [cx, cy] = toScreen(scene.camera, ys, view, node.x, node.y);
  const [x, y] = [cx - size.width / 2, cy - size.height / 2];
  const scale = scene.camera.scale;
  const colour = node.standing ? colourOf(node.standing.look, scene.mode) : scene.inks.faint;
  c.beginPath();
  c.roundRect(x, y, size.width, size.height, 6 * scale);
  c.fillStyle = scene.inks.ground;
  c.fill();
  c.lineWidth = 1;
  c.strokeStyle = scene.inks.line;
  if (node.faint) c.setLineDash([4, 3]);
  c.stroke();
  c.setLineDash([]);
  const bar = Math.max(12, 26 * scale);
  c.beginPath();
  c.roundRect(x, y, bar, size.height, [6 * scale, 0, 0, 6 * scale]);
  c.fillStyle = colour;
  c.fill();
  c.textBaseline = "middle";
  drawGlyph(pen, node, x + bar / 2, cy);
  c.textAlign = "left";
  c.fillStyle = node.faint ? scene.inks.faint : scene.inks.ink;
  const left = x + bar + 6 * scale;
  if (!near) {
    const short = shortened(c, node.label, smallest, Math.round((size.width - bar - 8 * scale) / 4) * 4);
    c.font = textFont(smallest, 600);
    c.fillText(short, left, cy);
    return;
  }
  const [label, sub] = [shortened(c, node.label, 12, textRoom), shortened(c, node.sub, 11, textRoom)];
  c.font = textFont(12 * scale, 600);
  c.fillText(label, left, cy - 8 * scale);
  c.font = textFont(11 * scale);
  c.fillStyle = scene.inks.faint;
  c.fillText(sub, left, cy + 9 * scale);
  drawMore(pen, node, cx, y);
}

function drawGlyph({ c, scene }: Pen, node: Node, x: number, y: number) {
  c.textAlign = "center";
  c.fillStyle = scene.inks.ground;
  c.font = glyphFont(Math.max(9, 13 * scene.camera.scale));
  c.fillText(node.standing ? glyphs[node.standing.look] : "·", x, y);
}

/** How many parents and children are not in the picture. */
function drawMore({ c, scene, size }: Pen, node: Node, x: number, y: number) {
  const scale = scene.camera.scale;
  c.textAlign = "center";
  c.font = textFont(11 * scale, 600);
  c.fillStyle = scene.inks.ink;
  c.strokeStyle = scene.inks.ground;
  c.lineWidth = 4;
  for (const [count, arrow, at] of [[node.moreUp, "↑", y - 9 * scale], [node.moreDown, "↓", y + size.height + 10 * scale]] as const) {
    if (count === 0) continue;
    c.strokeText(`+${count} ${arrow}`, x, at);
    c.fillText(`+${count} ${arrow}`, x, at);
  }
}

function drawRing({ c, scene, view, ys, size }: Pen, index: number, far: boolean) {
  const node = scene.picture.nodes[index];
  if (!node) return;
  const [x, y] = toScreen(scene.camera, ys, view, node.x, node.y);
  const [w, h] = [Math.max(size.width, 10) + 4, size.height + 4];
  c.lineWidth = index === scene.chosen ? 3 : 2;
  c.strokeStyle = index === scene.chosen || index === scene.hover ? accent : scene.inks.ink;
  c.strokeRect(x - w / 2, y - h / 2, w, h);
  if (!far) return;
  c.font = textFont(12, 600);
  c.textAlign = "center";
  c.textBaseline = "bottom";
  const half = c.measureText(node.label).width / 2 + 4;
  const at = Math.max(half, Math.min(view.width - half, x));
  c.fillStyle = scene.inks.ground;
  c.fillRect(at - half, y - h / 2 - 19, 2 * half, 17);
  c.fillStyle = scene.inks.ink;
  c.fillText(node.label, at, y - h / 2 - 4);
}

const fits = new Map<string, string>();

/** A text cut in its middle to what fits at a size of the font: the ends of names tell most. Remembers, for measuring is slow. */
function shortened(c: CanvasRenderingContext2D, text: string, size: number, room: number): string {
  const key = `${size} ${room} ${text}`;
  let fit = fits.get(key);
  if (fit !== undefined) return fit;
  c.font = textFont(size, 600);
  fit = text;
  for (let keep = text.length - 1; keep > 2 && c.measureText(fit).width > room; keep--) fit = `${text.slice(0, Math.ceil(keep / 2))}…${text.slice(text.length - Math.floor(keep / 2))}`;
  if (fits.size > 20_000) fits.clear();
  fits.set(key, fit);
  return fit;
}
