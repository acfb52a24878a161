import { type RefObject, useCallback, useRef, useState } from "react";
import { type Anchor, type Goal, type View, anchorIn } from "./logplace";
import type { LogSource } from "./logsource";
import type { Line } from "./logtext";
import { Newest } from "./newest";

type Unseen = { lines: number; exact: boolean };

const seen: Unseen = { lines: 0, exact: true };

/** Whether the end is followed, and how much has come unseen while it was not. */
export function useFollowing(first: boolean) {
  const [following, setFollowing] = useState(first);
  const [unseen, setUnseen] = useState(seen);
  const follows = useRef(first);
  const follow = useCallback((on: boolean) => {
    follows.current = on;
    setFollowing(on);
    if (on) setUnseen(seen);
  }, []);
  const came = useCallback((lines: number, exact: boolean) => setUnseen((u) => ({ lines: u.lines + lines, exact: u.exact && exact })), []);
  return { following, follows, unseen, follow, came };
}

/** The rows that are shown, with where the box is to be scrolled to once they are there. */
export function useRows(box: RefObject<HTMLDivElement | null>) {
  const [view, setView] = useState<View>();
  const rows = useRef<Line[]>([]);
  const anchor = useRef<Anchor>(undefined);
  const show = useCallback((lines: Line[], goal: Goal) => {
    if (goal.kind === "keep") anchor.current = anchorIn(box.current);
    rows.current = lines;
    setView({ lines, goal });
  }, [box]);
  const clear = useCallback(() => {
    rows.current = [];
    setView(undefined);
  }, []);
  return { view, rows, show, clear, anchor };
}

/** Reads one thing at a time unless somebody insists; what is asked for meanwhile is asked for again by the next scroll. */
export function useReads(source: RefObject<LogSource | undefined>) {
  const [trouble, setTrouble] = useState<unknown>();
  const busy = useRef(false);
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
  }, [source]);
  const release = useCallback(() => {
    busy.current = false;
    setTrouble(undefined);
  }, []);
  return { trouble, setTrouble, read, release };
}

/** Goes to a place of the log; while one is being read only the newest wish counts. */
export function useJump(goTo: (offset: number, isNewest: () => boolean) => Promise<void>, follow: (on: boolean) => void) {
  const newest = useRef<Newest<number>>(undefined);
  return useCallback((offset: number) => {
    follow(false);
    const wishes: Newest<number> = (newest.current ??= new Newest(async (wish) => {
      await goTo(wish, () => !wishes.overtaken);
      await rest(100); // dragging is not to use up the calls that one may make
    }));
    return wishes.want(offset);
  }, [goTo, follow]);
}

const rest = (millis: number) => new Promise((done) => setTimeout(done, millis));
