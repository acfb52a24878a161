import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { keepReading } from "./keepreading";
import { type Goal, place } from "./logplace";
import { LogSource, type Standing } from "./logsource";
import { useFollowing, useJump, useReads, useRows } from "./logstate";
import type { Line } from "./logtext";
import { around, earlier, endOf, later } from "./logwindow";

const near = 900; // pixels from an end at which more is read

/** A window on the log of an attempt, that moves as one scrolls, and follows the end while it is shown. */
export function useLog(box: RefObject<HTMLDivElement | null>, address: string, attempt: string | undefined, at: number | undefined) {
  const source = useRef<LogSource>(undefined);
  const [standing, setStanding] = useState<Standing>();
  const { following, follows, unseen, follow, came } = useFollowing(at === undefined);
  const { view, rows, show, clear, anchor } = useRows(box);
  const { trouble, setTrouble, read, release } = useReads(source);
  const first = useRef(at); // where one begins; going on is jump

  const showOf = useCallback((s: LogSource, next: Line[], goal: Goal) => {
    show(next, goal);
    setStanding(s.standing);
  }, [show]);

  const toEnd = useCallback(() => read(async (s) => {
    showOf(s, await endOf(s), { kind: "end" });
    follow(true);
  }, true), [read, showOf, follow]);

  const jump = useJump(useCallback((offset, isNewest) => read(async (s) => {
    const next = await around(s, offset);
    if (isNewest()) showOf(s, next, { kind: "at", offset });
  }, true), [read, showOf]), follow);

  const move = useCallback((way: typeof earlier) => read(async (s) => {
    const from = rows.current;
    const next = await way(s, from);
    if (next !== undefined && rows.current === from) showOf(s, next, { kind: "keep" });
  }), [read, rows, showOf]);

  useEffect(() => {
    const stop = new AbortController();
    const s = new LogSource(address, attempt, stop.signal);
    const begins = first.current;
    first.current = undefined;
    source.current = s;
    release();
    clear();
    follow(begins === undefined);
    const begin = async () => {
      await s.look();
      await (begins === undefined ? toEnd() : jump(begins));
    };
    const grow = async () => {
      const { grown, lines, exact } = await s.look(25);
      if (stop.signal.aborted) return;
      setStanding(s.standing);
      setTrouble(undefined);
      if (!grown) return;
      if (follows.current) await toEnd();
      else came(lines, exact);
    };
    void keepReading(stop.signal, s, { begin, grow, fail: setTrouble });
    return () => {
      stop.abort();
      source.current = undefined;
    };
  }, [address, attempt, release, clear, follow, follows, came, setTrouble, toEnd, jump]);

  const scrolled = useCallback(() => {
    const el = box.current;
    if (el === null) return;
    const below = el.scrollHeight - el.scrollTop - el.clientHeight;
    const complete = (rows.current.at(-1)?.end ?? 0) >= (source.current?.standing?.size ?? 0);
    const atEnd = below < 4 && complete;
    if (atEnd !== follows.current) follow(atEnd);
    if (el.scrollTop < near) void move(earlier);
    else if (below < near) void move(later);
  }, [box, rows, follow, follows, move]);

  // what was asked for while something else was read is asked for again: at the end of the rows there is no scrolling any more
  useLayoutEffect(() => {
    if (box.current === null || view === undefined) return;
    place(box.current, view, anchor.current);
    scrolled();
  }, [box, view, anchor, scrolled]);

  return { lines: view?.lines, standing, trouble, unseen, following, toEnd, jump, scrolled, follow };
}
