import { Button } from "antd";
import { AimOutlined, ExpandOutlined, MinusOutlined, PlusOutlined } from "@ant-design/icons";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import { commonWords } from "../ui/commonwords";
import { useMode } from "../ui/look";
import { useWords } from "../ui/words";
import { useCanvas } from "./canvas";
import { type Camera, centred, fitted, isSeen, nodeAt, panned, started, zoomed } from "./camera";
import { drawGraph } from "./graphdraw";
import { readInks } from "./looks";
import type { Picture } from "./picture";
import { everyTurn, useWheel } from "./wheel";
import { words } from "./words";

type Props = {
  picture: Picture;
  label: string;
  focus?: number;
  start?: number; // comes into the middle at first, instead of the focus
  chosen?: number;
  choose: (index: number | undefined) => void;
  open: (index: number) => void;
};

const settle = 160; // after so long without a move all lines are drawn again
const stride = 60; // of a key that pans

/** The picture itself: moved and zoomed by the pointer, the wheel, buttons and keys. Nodes that are chosen elsewhere come into its middle. */
export function GraphCanvas({ picture, label, focus, start, chosen, choose, open }: Props) {
  const t = useWords(words);
  const mode = useMode();
  const camera = useRef<Camera>(undefined);
  const hover = useRef<number>(undefined);
  const drag = useRef<{ x: number; y: number; far: boolean }>(undefined);
  const byPointer = useRef(false); // what was chosen here is in view
  const { moving, moved } = useMoving(() => redraw());
  const { canvas, redraw } = useCanvas((c, width, height) => {
    camera.current ??= started(picture, { width, height }, start ?? focus ?? chosen);
    drawGraph(c, width, height, { picture, camera: camera.current, chosen, hover: hover.current, focus, mode, inks: readInks(), moving: moving.current });
  });
  const view = () => ({ width: canvas.current?.clientWidth ?? 1, height: canvas.current?.clientHeight ?? 1 });
  const change = (by: (now: Camera) => Camera) => {
    if (!camera.current) return;
    camera.current = by(camera.current);
    moved();
    redraw();
  };
  const zoom = (factor: number, at?: [number, number]) => change((now) => zoomed(now, picture, view(), factor, at ?? [view().width / 2, view().height / 2]));
  const pan = (dx: number, dy: number) => change((now) => panned(now, picture, view(), dx, dy));
  const centre = (index: number) => change((now) => centred(now, picture, index));
  const fit = () => change(() => fitted(picture, view()));

  useEffect(() => {
    if (chosen !== undefined && !byPointer.current && camera.current && !isSeen(camera.current, picture, view(), chosen)) centre(chosen);
    byPointer.current = false;
  }, [chosen]);
  useWheel(canvas, everyTurn, zoom);

  const place = (e: { clientX: number; clientY: number }): [number, number] => {
    const edge = canvas.current?.getBoundingClientRect();
    return [e.clientX - (edge?.left ?? 0), e.clientY - (edge?.top ?? 0)];
  };
  const under = (e: { clientX: number; clientY: number }) => (camera.current ? nodeAt(camera.current, picture, view(), place(e)) : undefined);
  const down = (e: PointerEvent<HTMLCanvasElement>) => {
    if (e.button !== 0) return;
    e.currentTarget.setPointerCapture(e.pointerId);
    drag.current = { x: e.clientX, y: e.clientY, far: false };
  };
  const move = (e: PointerEvent<HTMLCanvasElement>) => {
    const from = drag.current;
    if (!from) {
      const over = under(e);
      e.currentTarget.style.cursor = over === undefined ? "grab" : "pointer";
      if (over !== hover.current) redraw();
      hover.current = over;
      return;
    }
    const far = from.far || Math.abs(e.clientX - from.x) + Math.abs(e.clientY - from.y) > 4;
    if (!far) return;
    pan(e.clientX - from.x, e.clientY - from.y);
    drag.current = { x: e.clientX, y: e.clientY, far };
  };
  const up = (e: PointerEvent<HTMLCanvasElement>) => {
    const still = drag.current && !drag.current.far;
    drag.current = undefined;
    if (!still) return;
    byPointer.current = true;
    choose(under(e));
  };
  const press = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const next = chosen === undefined ? undefined : neighbour(picture, chosen, e.key);
    const acts: Record<string, () => void> = {
      ArrowLeft: () => pan(stride, 0), ArrowRight: () => pan(-stride, 0), ArrowUp: () => pan(0, stride), ArrowDown: () => pan(0, -stride),
      "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), "0": fit,
      Enter: () => chosen !== undefined && open(chosen), Escape: () => choose(undefined),
      n: () => choose(next ?? focus ?? 0), b: () => choose(next ?? focus ?? 0), p: () => next !== undefined && choose(next), c: () => next !== undefined && choose(next),
    };
    const act = acts[e.key];
    if (!act) return;
    e.preventDefault();
    e.stopPropagation();
    act();
  };
  return (
    <div className="views-graph" role="application" aria-label={label} aria-describedby="views-graphkeys" tabIndex={0} onKeyDown={press}>
      <canvas ref={canvas} aria-hidden="true" onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={() => { drag.current = undefined; }} onDoubleClick={(e) => {
        const at = under(e);
        if (at !== undefined) open(at);
      }} />
      <div className="views-zoom">
        <Button icon={<PlusOutlined />} aria-label={t("zoomIn")} title={t("zoomIn")} onClick={() => zoom(1.25)} />
        <Button icon={<MinusOutlined />} aria-label={t("zoomOut")} title={t("zoomOut")} onClick={() => zoom(0.8)} />
        <Button icon={<ExpandOutlined />} aria-label={t("fit")} title={t("fit")} onClick={fit} />
        <Button icon={<AimOutlined />} aria-label={t("toChosen")} title={t("toChosen")} disabled={chosen === undefined && focus === undefined} onClick={() => centre(chosen ?? focus ?? 0)} />
      </div>
      <Spoken picture={picture} chosen={chosen} />
    </div>
  );
}

/** Says what has been chosen to who does not see it. */
function Spoken({ picture, chosen }: { picture: Picture; chosen?: number }) {
  const common = useWords(commonWords);
  const t = useWords(words);
  const node = chosen === undefined ? undefined : picture.nodes[chosen];
  return (
    <div className="views-spoken" aria-live="polite">
      {node && `${node.id}, ${node.standing ? common(node.standing.word) : t("noBatch")}, ${t("around", { parents: picture.parents[chosen ?? 0]?.length ?? 0, children: picture.children[chosen ?? 0]?.length ?? 0 })}`}
    </div>
  );
}

/** Where a key leads from a node: p to a parent, c to a child, n and b along its rank. */
function neighbour(picture: Picture, at: number, key: string): number | undefined {
  if (key === "p") return picture.parents[at]?.[0];
  if (key === "c") return picture.children[at]?.[0];
  if (key !== "n" && key !== "b") return undefined;
  const rank = picture.ranks.find((r) => r.y === picture.nodes[at]?.y)?.nodes ?? [];
  return rank[(rank.indexOf(at) + (key === "n" ? 1 : rank.length - 1)) % rank.length];
}

/** Whether the picture is being moved: a while after the last move it is not, and is told to be drawn once more. */
function useMoving(redraw: () => void) {
  const moving = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const moved = () => {
    moving.current = true;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      moving.current = false;
      redraw();
    }, settle);
  };
  return { moving, moved };
}
