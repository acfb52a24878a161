import { type RefObject, useCallback, useEffect, useRef } from "react";

type Draw = (c: CanvasRenderingContext2D, width: number, height: number) => void;

/** A canvas that is drawn anew, in the next frame, after each render, each change of its size and each call of redraw. */
export function useCanvas(draw: Draw) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  latest.current = draw;
  const frame = useRef(0);
  const redraw = useCallback(() => {
    if (frame.current !== 0) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      if (canvas.current) paint(canvas.current, latest.current);
    });
  }, []);
  useEffect(redraw);
  useEffect(() => {
    const watched = canvas.current;
    if (!watched) return undefined;
    const observer = new ResizeObserver(redraw);
    observer.observe(watched);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, [redraw]);
  return { canvas, redraw };
}

function paint(canvas: HTMLCanvasElement, draw: Draw) {
  const c = canvas.getContext("2d");
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!c || width === 0 || height === 0) return;
  const ratio = devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, width, height);
  draw(c, width, height);
}

/** Tells the style of a box how much of it is seen, without its scroll bars: what sticks in it is as high. */
export function useSeenHeight(box: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const watched = box.current;
    if (!watched) return undefined;
    const observer = new ResizeObserver(() => watched.style.setProperty("--views-seen", `${watched.clientHeight}px`));
    observer.observe(watched);
    return () => observer.disconnect();
  }, [box]);
}
