import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { useWords } from "../ui/words";
import { words } from "./logwords";

type Props = { controls: string; start: number; size: number; top: number; jump: (offset: number) => void; end: () => void; wheel: (by: number) => void };

/** The scroll bar of the whole log, by bytes: no browser can scroll through a page as high as a long log. */
export function LogBar({ controls, start, size, top, jump, end, wheel }: Props) {
  const t = useWords(words);
  const track = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<number>();
  const length = Math.max(1, size - start);
  const share = Math.min(1, Math.max(0, held ?? (top - start) / length));
  const go = (to: number) => (to >= 1 ? end() : jump(start + Math.floor(Math.max(0, to) * length)));
  const at = (e: PointerEvent) => {
    const box = track.current?.getBoundingClientRect();
    return box ? Math.min(1, Math.max(0, (e.clientY - box.top) / box.height)) : 0;
  };
  const press = (e: KeyboardEvent) => {
    const by = steps[e.key];
    if (by === undefined) return;
    e.preventDefault();
    go(by === -Infinity ? 0 : by === Infinity ? 1 : share + by);
  };
  const grab = (e: PointerEvent) => {
    track.current?.setPointerCapture(e.pointerId);
    setHeld(at(e));
    go(at(e));
  };
  const drag = (e: PointerEvent) => {
    if (held === undefined) return;
    setHeld(at(e));
    go(at(e));
  };
  return (
    <div
      ref={track}
      className="batches-log-bar"
      role="scrollbar"
      tabIndex={0}
      aria-label={t("place")}
      aria-controls={controls}
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      onKeyDown={press}
      onWheel={(e) => wheel(e.deltaY)}
      onPointerDown={grab}
      onPointerMove={drag}
      onPointerUp={() => setHeld(undefined)}
      onPointerCancel={() => setHeld(undefined)}
    >
      <div className="thumb" style={{ top: `calc(${share * 100}% - ${share * 32}px)` }} />
    </div>
  );
}

const steps: Record<string, number> = { ArrowUp: -0.01, ArrowDown: 0.01, PageUp: -0.1, PageDown: 0.1, Home: -Infinity, End: Infinity };
