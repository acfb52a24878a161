import type { Mode } from "../ui/look";
import { glyphs, isLate, lookOf, palettes } from "../ui/states";
import { type Bar, type Group, type Span, groupsWithin, laneHeight } from "./ganttrows";
import { type Inks, accent, colourOf, glyphFont, textFont } from "./looks";
import { ticksOf } from "./ticks";

export const axisHeight = 30;

export type GanttScene = { groups: Group[]; span: Span; zone: string; now: number; chosen?: number; hover?: number; mode: Mode; inks: Inks; top: number };

type Pen = { c: CanvasRenderingContext2D; scene: GanttScene; width: number; height: number; x: (at: number) => number };

/** Draws what shows of the chart: its axis, a band for each group, a bar for each batch. */
export function drawGantt(c: CanvasRenderingContext2D, width: number, height: number, scene: GanttScene) {
  const { from, to } = scene.span;
  const pen: Pen = { c, scene, width, height, x: (at) => ((at - from) / (to - from)) * width };
  const ticks = ticksOf(from, to, width, scene.zone);
  for (const tick of ticks) {
    c.fillStyle = tick.strong ? scene.inks.faint : scene.inks.line;
    c.fillRect(Math.round(pen.x(tick.at)), axisHeight, 1, height);
  }
  for (const group of groupsWithin(scene.groups, scene.top, scene.top + height)) {
    const y = group.top - scene.top + axisHeight;
    c.fillStyle = scene.inks.line;
    c.fillRect(0, y + group.height - 1, width, 1);
    for (const bar of group.bars) drawBar(pen, bar, y + 2 + bar.lane * laneHeight);
  }
  drawNow(pen);
  c.fillStyle = scene.inks.soft;
  c.fillRect(0, 0, width, axisHeight);
  c.fillStyle = scene.inks.line;
  c.fillRect(0, axisHeight - 1, width, 1);
  c.textAlign = "left";
  c.textBaseline = "middle";
  for (const tick of ticks) {
    c.font = textFont(11, tick.strong ? 700 : 400);
    c.fillStyle = tick.strong ? scene.inks.ink : scene.inks.faint;
    c.fillText(tick.label, pen.x(tick.at) + 4, axisHeight / 2);
  }
}

function drawBar({ c, scene, width, x }: Pen, bar: Bar, y: number) {
  const end = x(bar.end ?? scene.now);
  const from = x(bar.from);
  if (end < -4 || from > width + 4) return;
  const middle = y + laneHeight / 2;
  const look = lookOf(bar.batch);
  const colour = colourOf(look, scene.mode);
  const ran = bar.ranFrom === undefined ? undefined : x(bar.ranFrom);
  const waitedTo = ran ?? end;
  if (waitedTo - from > 1) {
    c.fillStyle = palettes[scene.mode].waiting;
    c.globalAlpha = 0.55;
    c.fillRect(from, middle - 2, waitedTo - from, 4);
    c.globalAlpha = 1;
  }
  if (ran === undefined) drawEnd(c, glyphs[look], colour, Math.min(end + 10, width - 8), middle);
  else drawRun(c, bar, Math.max(ran, -10), Math.min(Math.max(end, ran + 4), width + 10), y, colour, scene);
  if (isLate(bar.batch)) drawLate(c, ran === undefined ? end : Math.max(end, ran + 4), y, scene);
  if (bar.batch.id !== scene.chosen && bar.batch.id !== scene.hover) return;
  c.strokeStyle = bar.batch.id === scene.chosen ? scene.inks.ink : accent;
  c.lineWidth = 2;
  c.strokeRect(from - 3, y + 2, Math.max(end - from, 4) + 6, laneHeight - 4);
}

function drawEnd(c: CanvasRenderingContext2D, glyph: string, colour: string, x: number, y: number) {
  c.fillStyle = colour;
  c.font = glyphFont(12);
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillText(glyph, x, y);
}

function drawRun(c: CanvasRenderingContext2D, bar: Bar, from: number, to: number, y: number, colour: string, scene: GanttScene) {
  c.beginPath();
  c.roundRect(from, y + 4, to - from, laneHeight - 8, Math.min(4, (to - from) / 2));
  c.fillStyle = colour;
  c.fill();
  const left = Math.max(from, 0);
  if (to - left < 16) return;
  drawEnd(c, glyphs[lookOf(bar.batch)], scene.inks.ground, left + 9, y + laneHeight / 2);
  const text = bar.batch.workNo;
  c.font = textFont(11);
  if (to - left < 28 + c.measureText(text).width) return;
  c.textAlign = "left";
  c.fillText(text, left + 19, y + laneHeight / 2);
}

function drawLate(c: CanvasRenderingContext2D, x: number, y: number, scene: GanttScene) {
  c.beginPath();
  c.moveTo(x - 8, y + 3);
  c.lineTo(x + 1, y + 3);
  c.lineTo(x + 1, y + 12);
  c.closePath();
  c.fillStyle = palettes[scene.mode].late;
  c.fill();
  c.strokeStyle = scene.inks.ground;
  c.lineWidth = 1;
  c.stroke();
}

function drawNow({ c, scene, width, height, x }: Pen) {
  const at = x(scene.now);
  if (at < 0 || at > width) return;
  c.fillStyle = accent;
  c.fillRect(Math.round(at), axisHeight, 2, height);
}
