import { useState } from "react";

type Kept = { text: string; version: number };

const keyOf = (id: string) => `capri.draft:${id}`;

function read(id: string): Kept | undefined {
  const text = sessionStorage.getItem(keyOf(id));
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as Kept;
  } catch {
    return undefined;
  }
}

function keep(id: string, kept: Kept) {
  try {
    sessionStorage.setItem(keyOf(id), JSON.stringify(kept));
  } catch {
    // A full store loses only the copy for later: the text itself is on the page.
  }
}

/**
 * A text that is being written, kept in this tab until it is saved or thrown away.
 * `version` is that of the task when the writing began.
 */
export function useDraft(id: string, start: string, version: number) {
  const [first] = useState(() => read(id));
  const [text, setText] = useState(first?.text ?? start);
  const [found, setFound] = useState(first !== undefined && first.text !== start);
  const [began, setBegan] = useState(first?.version ?? version);

  function change(next: string) {
    setText(next);
    if (next === start) sessionStorage.removeItem(keyOf(id));
    else keep(id, { text: next, version: began });
  }
  function drop() {
    sessionStorage.removeItem(keyOf(id));
  }
  function discard() {
    drop();
    setText(start);
    setFound(false);
    setBegan(version);
  }
  return { text, change, drop, discard, found, began, dirty: text !== start };
}
