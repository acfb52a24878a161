import { type RefObject, useEffect, useRef } from "react";

/** Zooms by the wheel where the pointer is, for the turns that are meant to. React's own listener could not keep the page from scrolling. */
export function useWheel(canvas: RefObject<HTMLCanvasElement | null>, factorOf: (e: WheelEvent) => number | undefined, zoom: (factor: number, at: [number, number]) => void) {
  const latest = useRef({ factorOf, zoom });
  latest.current = { factorOf, zoom };
  useEffect(() => {
    const on = canvas.current;
    if (!on) return undefined;
    const wheel = (e: WheelEvent) => {
      const factor = latest.current.factorOf(e);
      if (factor === undefined) return;
      e.preventDefault();
      const edge = on.getBoundingClientRect();
      latest.current.zoom(factor, [e.clientX - edge.left, e.clientY - edge.top]);
    };
    on.addEventListener("wheel", wheel, { passive: false });
    return () => on.removeEventListener("wheel", wheel);
  }, [canvas]);
}

/** The wheel alone zooms. */
export const everyTurn = (e: WheelEvent) => Math.exp(-e.deltaY * (e.deltaMode === 1 ? 0.05 : 0.0015));

/** Ctrl or Shift with the wheel zooms; the wheel alone scrolls the rows. */
export const turnWithKey = (e: WheelEvent) => (e.ctrlKey || e.shiftKey ? Math.exp(-(e.deltaY || e.deltaX) * 0.0015) : undefined);
