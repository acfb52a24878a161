import { useRef } from "react";

/** What a text was before, the newest last, and what was taken back. */
export type History = { past: readonly string[]; future: readonly string[]; at: number };

export const noHistory: History = { past: [], future: [], at: 0 };

const pause = 700; // milliseconds; what is changed within is taken back at once
const kept = 300;

/** The history after a text gave way to another one. */
export function noted({ past, at }: History, before: string, now: number): History {
  const goesOn = past.length > 0 && now - at < pause;
  return { past: goesOn ? past : [...past, before].slice(-kept), future: [], at: now };
}

/** One step back: the text of before, if there is one. */
export function undone({ past, future }: History, text: string): [History, string] | undefined {
  const before = past.at(-1);
  return before === undefined ? undefined : [{ past: past.slice(0, -1), future: [...future, text], at: 0 }, before];
}

/** One step forward again. */
export function redone({ past, future }: History, text: string): [History, string] | undefined {
  const after = future.at(-1);
  return after === undefined ? undefined : [{ past: [...past, text], future: future.slice(0, -1), at: 0 }, after];
}

/** Remembers the changes of a text, wherever they are made, so that they can be taken back. */
export function useHistory(text: string, change: (text: string) => void) {
  const history = useRef(noHistory);
  function step(by: typeof undone) {
    const made = by(history.current, text);
    if (!made) return;
    history.current = made[0];
    change(made[1]);
  }
  const note = () => {
    history.current = noted(history.current, text, Date.now());
  };
  return {
    change(next: string) {
      if (next === text) return;
      note();
      change(next);
    },
    note, // the text as it is, before it gives way to another one by other means
    undo: () => step(undone),
    redo: () => step(redone),
  };
}
