import { Link } from "@tanstack/react-router";
import { MinusOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { useZone } from "../frame/session";
import { useMode } from "../ui/look";
import { inZone, useNow } from "../ui/time";
import { enc, useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { useCanvas, useSeenHeight } from "./canvas";
import { GanttBar, GanttTip, SpokenBar } from "./ganttbar";
import { axisHeight, drawGantt } from "./ganttdraw";
import { type Bar, type By, type Group, type Span, barAt, extentOf, pannedSpan, zoomedSpan } from "./ganttrows";
import { readInks } from "./looks";
import { turnWithKey, useWheel } from "./wheel";
import { words } from "./words";

type Props = { groups: Group[]; by: By; day: Span; kept?: Span; keep: (span: Span | undefined) => void; label: string };

const settle = 300; // the address follows what is seen after so long without a move

/** The chart itself: time is moved and zoomed by buttons, keys, dragging and the wheel; rows scroll. */
export function GanttCanvas({ groups, by, day, kept, keep, label }: Props) {
  const t = useWords(words);
  const zone = useZone();
  const mode = useMode();
  const go = useGo();
  const bars = useMemo(() => groups.flatMap((g) => g.bars), [groups]);
  const now = useNow(bars.some((b) => b.end === undefined));
  const extent = extentOf(groups, now);
  const outside = extent && (extent[1] < day.from || extent[0] > day.to);
  const all = (): Span => (extent ? zoomedSpan({ from: extent[0], to: extent[1] }, 0.92) : day);
  const [span, setSpan] = useKeptSpan(kept ?? (outside ? all() : day), keep);
  const [chosen, setChosen] = useState<number>();
  const [hover, setHover] = useState<{ bar: Bar; x: number; y: number }>();
  const box = useRef<HTMLDivElement>(null);
  const drag = useRef<{ x: number; span: Span; far: boolean }>(undefined);
  const top = () => box.current?.scrollTop ?? 0;
  const { canvas, redraw } = useCanvas((c, width, height) => drawGantt(c, width, height, { groups, span, zone, now, chosen, hover: hover?.bar.batch.id, mode, inks: readInks(), top: top() }));
  useSeenHeight(box);
  const here = bars.find((b) => b.batch.id === chosen);

  const width = () => canvas.current?.clientWidth ?? 1;
  const place = (e: { clientX: number; clientY: number }) => {
    const edge = canvas.current?.getBoundingClientRect();
    return { x: e.clientX - (edge?.left ?? 0), y: e.clientY - (edge?.top ?? 0) };
  };
  const under = (e: { clientX: number; clientY: number }) => {
    const { x, y } = place(e);
    const perPixel = (span.to - span.from) / width();
    return y < axisHeight ? undefined : barAt(groups, span.from + x * perPixel, y - axisHeight + top(), 4 * perPixel, now);
  };
  const open = (bar: Bar | undefined) => bar && go(`/batches/${enc(bar.batch.ref)}`);
  const step = (by: number) => {
    const at = bars.findIndex((b) => b.batch.id === chosen);
    const next = bars[at < 0 ? 0 : Math.max(0, Math.min(bars.length - 1, at + by))];
    if (!next) return;
    setChosen(next.batch.id);
    reveal(box.current, groups.find((g) => g.bars.includes(next)));
    const end = next.end ?? now;
    if (end < span.from || next.from > span.to) setSpan(pannedSpan(span, ((next.from + end) / 2 - (span.from + span.to) / 2) / (span.to - span.from)));
  };
  const press = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target !== e.currentTarget) return;
    const acts: Record<string, () => void> = {
      ArrowLeft: () => setSpan(pannedSpan(span, -0.15)), ArrowRight: () => setSpan(pannedSpan(span, 0.15)), ArrowUp: () => step(-1), ArrowDown: () => step(1),
      "+": () => setSpan(zoomedSpan(span, 1.5)), "=": () => setSpan(zoomedSpan(span, 1.5)), "-": () => setSpan(zoomedSpan(span, 1 / 1.5)), "0": () => setSpan(day), f: () => setSpan(all()),
      Enter: () => void open(here), Escape: () => setChosen(undefined),
    };
    const act = acts[e.key];
    if (!act) return;
    e.preventDefault();
    e.stopPropagation();
    act();
  };
  const move = (e: PointerEvent) => {
    const from = drag.current;
    if (!from) {
      const bar = under(e);
      return setHover(bar && { bar, ...place(e) });
    }
    const far = from.far || Math.abs(e.clientX - from.x) > 4;
    drag.current = { ...from, far };
    if (far) setSpan(pannedSpan(from.span, (from.x - e.clientX) / width()));
  };
  const up = (e: PointerEvent) => {
    if (drag.current && !drag.current.far) setChosen(under(e)?.batch.id);
    drag.current = undefined;
  };
  useWheel(canvas, turnWithKey, (factor, [x]) => setSpan(zoomedSpan(span, factor, x / width())));
  const names = useMemo(() => groups.map((g) => <Name key={g.name} group={g} by={by} />), [groups, by]);
  const last = groups.at(-1);
  return (
    <>
      <div className="pieces views-spanbuttons">
        <Button icon={<PlusOutlined />} aria-label={t("zoomIn")} title={t("zoomIn")} onClick={() => setSpan(zoomedSpan(span, 1.5))} />
        <Button icon={<MinusOutlined />} aria-label={t("zoomOut")} title={t("zoomOut")} onClick={() => setSpan(zoomedSpan(span, 1 / 1.5))} />
        <Button aria-label={t("earlier")} title={t("earlier")} onClick={() => setSpan(pannedSpan(span, -0.3))}>←</Button>
        <Button aria-label={t("later")} title={t("later")} onClick={() => setSpan(pannedSpan(span, 0.3))}>→</Button>
        <Button onClick={() => setSpan(day)}>{t("wholeDay")}</Button>
        <Button onClick={() => setSpan(all())}>{t("allBars")}</Button>
        <span className="faint">{`${inZone(span.from, zone).slice(0, 16)} – ${inZone(span.to, zone).slice(0, 16)} · ${t("timesIn", { zone })}`}</span>
      </div>
      <div className="views-gridbox">
        <div ref={box} className="views-grid views-gantt" role="application" aria-label={label} aria-describedby="views-gridkeys" tabIndex={0} onKeyDown={press} onScroll={redraw}>
          <div className="views-gridinner views-ganttinner" style={{ height: axisHeight + (last ? last.top + last.height : 0) }}>
            <div className="views-corner" aria-hidden="true" style={{ height: axisHeight }}>{t(by)}</div>
            <div className="views-names" aria-hidden="true" style={{ paddingTop: axisHeight }}>{names}</div>
            <canvas
              ref={canvas}
              aria-hidden="true"
              onPointerDown={(e) => {
                if (e.button !== 0) return;
                e.currentTarget.setPointerCapture(e.pointerId);
                drag.current = { x: e.clientX, span, far: false };
              }}
              onPointerMove={move}
              onPointerUp={up}
              onPointerCancel={() => { drag.current = undefined; }}
              onPointerLeave={() => setHover(undefined)}
              onDoubleClick={(e) => open(under(e))}
            />
          </div>
        </div>
        {hover && !drag.current && <GanttTip bar={hover.bar} left={hover.x} top={hover.y} box={box.current} />}
      </div>
      <SpokenBar bar={here} />
      <p id="views-gridkeys" className="faint">{t("ganttKeys")}</p>
      <GanttBar bar={here} />
    </>
  );
}

function Name({ group, by }: { group: Group; by: By }) {
  return (
    <Link to={`/${by === "task" ? "tasks" : "hosts"}/${enc(group.name)}` as never} tabIndex={-1} title={group.name} style={{ height: group.height }}>
      {group.name}
    </Link>
  );
}

function reveal(box: HTMLDivElement | null, group: Group | undefined) {
  if (!box || !group) return;
  const height = box.clientHeight - axisHeight;
  if (group.top < box.scrollTop) box.scrollTop = group.top;
  if (group.top + group.height > box.scrollTop + height) box.scrollTop = group.top + group.height - height;
}

/** The part of time that is seen; the address is told when it rests. */
function useKeptSpan(first: Span, keep: (span: Span | undefined) => void): [Span, (span: Span) => void] {
  const [span, setSpan] = useState(first);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (next: Span) => {
    setSpan(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => keep(next), settle);
  };
  return [span, change];
}
