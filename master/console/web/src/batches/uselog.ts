import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { LogSource, type Standing } from "./logsource";
import { type Anchor, type Goal, type View, anchorIn, place } from "./logplace";
import type { Line } from "./logtext";

const most = 200; // rows that are there at a time
const step = 80; // rows that come at once when one scrolls
const near = 900; // pixels from an end at which more is read
const pace = 300; // between two looks at a log that grows

type Unseen = { lines: number; exact: boolean };

const seen: Unseen = { lines: 0, exact: true };

/** A window on the log of an attempt, that moves as one scrolls, and follows the end while it is shown. */
export function useLog(box: RefObject<HTMLDivElement | null>, address: string, attempt: string | undefined, at: number | undefined) {
  const [view, setView] = useState<View>();
  const [standing, setStanding] = useState<Standing>();
  const [trouble, setTrouble] = useState<unknown>();
  const [unseen, setUnseen] = useState(seen);
  const [following, setFollowing] = useState(at === undefined);
  const source = useRef<LogSource>(undefined);
  const follows = useRef(following);
  const lines = useRef<Line[]>([]);
  const busy = useRef(false);
  const wanted = useRef<number>(undefined);
  const going = useRef(false);
  const anchor = useRef<Anchor>(undefined);
  const first = useRef(at); // where one begins; going on is jump

  const follow = useCallback((on: boolean) => {
    follows.current = on;
    setFollowing(on);
    if (on) setUnseen(seen);
  }, []);

  const show = useCallback((next: Line[], goal: Goal) => {
    if (goal.kind === "keep") anchor.current = anchorIn(box.current);
    lines.current = next;
    setView({ lines: next, goal });
    setStanding(source.current?.standing);
  }, [box]);

  /** Reads one thing at a time; what is asked for meanwhile is asked for again by the next scroll. */
  const read = useCallback(async (work: (s: LogSource) => Promise<void>, insist = false) => {
    const s = source.current;
    if (s === undefined || (busy.current && !insist)) return;
    busy.current = true;
    try {
      await work(s);
      if (source.current === s) setTrouble(undefined);
    } catch (error) {
      if (source.current === s) setTrouble(error);
    } finally {
      busy.current = false;
    }
  }, []);

  const toEnd = useCallback(() => read(async (s) => {
    show(await s.lastLines(most), { kind: "end" });
    follow(true);
  }, true), [read, show, follow]);

  const goTo = useCallback((offset: number) => read(async (s) => {
    const behind = await s.linesFrom(offset, most / 2);
    const before = behind[0] ? await s.linesBefore(behind[0].offset, most / 2) : [];
    if (wanted.current === undefined) show([...before, ...behind], { kind: "at", offset });
  }, true), [read, show]);

  /** Goes to a place; while one is being read only the newest wish counts, as when the bar is dragged. */
  const jump = useCallback(async (offset: number) => {
    follow(false);
    const alone = wanted.current === undefined && !going.current;
    wanted.current = offset;
    if (!alone) return;
    going.current = true;
    while (wanted.current !== undefined) {
      const next: number = wanted.current;
      wanted.current = undefined;
      await goTo(next);
      await rest(100); // dragging is not to use up the calls that one may make
    }
    going.current = false;
  }, [goTo, follow]);

  const older = useCallback(() => read(async (s) => {
    const first = lines.current[0];
    if (first === undefined || first.offset <= (s.standing?.start ?? 0)) return;
    const before = await s.linesBefore(first.offset, step);
    if (before.length > 0) show([...before, ...lines.current].slice(0, most), { kind: "keep" });
  }), [read, show]);

  const newer = useCallback(() => read(async (s) => {
    const last = lines.current.at(-1);
    if (last === undefined || last.end >= (s.standing?.size ?? 0)) return;
    const behind = await s.linesFrom(last.end, step);
    const from = behind[0]?.offset ?? last.end;
    const grown = [...lines.current.filter((l) => l.offset < from), ...behind].slice(-most);
    if (behind.length > 0) show(grown, { kind: "keep" });
  }), [read, show]);

  useEffect(() => {
    const stop = new AbortController();
    const s = new LogSource(address, attempt, stop.signal);
    source.current = s;
    busy.current = false;
    lines.current = [];
    setView(undefined);
    setTrouble(undefined);
    setUnseen(seen);
    const begins = first.current;
    first.current = undefined;
    follow(begins === undefined);
    const grow = async () => {
      const { grown, lines: came, exact } = await s.look(25);
      if (stop.signal.aborted) return;
      setStanding(s.standing);
      setTrouble(undefined);
      if (!grown) return;
      if (follows.current) return toEnd();
      setUnseen((u) => ({ lines: u.lines + came, exact: u.exact && exact }));
    };
    const begin = async () => {
      await s.look();
      await (begins === undefined ? toEnd() : jump(begins));
    };
    void keepOn(stop.signal, s, begin, grow, setTrouble);
    return () => {
      stop.abort();
      source.current = undefined;
    };
  }, [address, attempt, follow, toEnd, jump]);

  const scrolled = useCallback(() => {
    const el = box.current;
    if (el === null) return;
    const below = el.scrollHeight - el.scrollTop - el.clientHeight;
    const complete = (lines.current.at(-1)?.end ?? 0) >= (source.current?.standing?.size ?? 0);
    const atEnd = below < 4 && complete;
    if (atEnd !== follows.current) follow(atEnd);
    if (el.scrollTop < near) void older();
    else if (below < near) void newer();
  }, [box, follow, older, newer]);

  // what was asked for while something else was read is asked for again: at the end of the rows there is no scrolling any more
  useLayoutEffect(() => {
    if (box.current === null || view === undefined) return;
    place(box.current, view, anchor.current);
    scrolled();
  }, [box, view, scrolled]);

  return { lines: view?.lines, standing, trouble, unseen, following, toEnd, jump, scrolled, follow };
}

/** Reads the beginning, then waits for more until the attempt has ended; goes on after a failure. */
async function keepOn(stop: AbortSignal, s: LogSource, begin: () => Promise<void>, grow: () => Promise<void>, fail: (trouble: unknown) => void) {
  let begun = false;
  while (!stop.aborted && !(begun && (s.standing?.done ?? false))) {
    try {
      await (begun ? grow() : begin());
      begun = true;
      await pause(pace, stop);
    } catch (error) {
      if (stop.aborted) return;
      fail(error);
      if (refused(error)) return;
      await pause(3000, stop);
    }
  }
}

const refused = (error: unknown) => typeof error === "object" && error !== null && "status" in error && [401, 403, 404, 422].includes(Number(error.status));

const rest = (millis: number) => new Promise((done) => setTimeout(done, millis));

function pause(millis: number, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, millis);
    stop.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });
}
