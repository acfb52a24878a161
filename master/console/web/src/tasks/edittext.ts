/** A change of a text: what is between two places gives way to another text, and what is selected afterwards. */
export type Edit = { from: number; to: number; text: string; select: [number, number] };

const step = 2; // spaces of an indentation in YAML

const lineStart = (text: string, at: number) => text.lastIndexOf("\n", at - 1) + 1;

/** Tab: spaces up to the next stop, or all selected lines further in. */
export function indent(text: string, from: number, to: number): Edit {
  if (!text.slice(from, to).includes("\n")) {
    const spaces = " ".repeat(step - ((from - lineStart(text, from)) % step));
    return { from, to, text: spaces, select: [from + spaces.length, from + spaces.length] };
  }
  return shiftLines(text, from, to, (line) => (line === "" ? line : " ".repeat(step) + line));
}

/** Shift and Tab: the line, or all selected ones, further out. */
export function outdent(text: string, from: number, to: number): Edit {
  return shiftLines(text, from, to, (line) => line.replace(/^ {1,2}/, ""));
}

function shiftLines(text: string, from: number, to: number, shift: (line: string) => string): Edit {
  const start = lineStart(text, from);
  const last = to > from && text[to - 1] === "\n" ? to - 1 : to; // a line of which nothing is selected stays
  const found = text.indexOf("\n", last);
  const end = found < 0 ? text.length : found;
  const before = text.slice(start, end);
  const after = before.split("\n").map(shift).join("\n");
  const grown = after.length - before.length;
  if (from === to) {
    const at = Math.max(start, from + grown);
    return { from: start, to: end, text: after, select: [at, at] };
  }
  return { from: start, to: end, text: after, select: [start, end + grown] };
}

/** Enter: a line that begins where this one does, or further in behind what opens something. */
export function newLine(text: string, from: number, to: number): Edit {
  const line = text.slice(lineStart(text, from), from);
  const opens = /(:|[|>][+-]?)\s*$/.test(line) && !line.trimStart().startsWith("#");
  const spaces = (/^ */.exec(line)?.[0].length ?? 0) + (opens ? step : 0);
  const at = from + 1 + spaces;
  return { from, to, text: `\n${" ".repeat(spaces)}`, select: [at, at] };
}

/** Where a line begins and ends, the first being 1; the last one for numbers beyond. */
export function placeOfLine(text: string, line: number): [number, number] {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf("\n", start);
    if (end < 0) break;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  return [start, end < 0 ? text.length : end];
}

/** Where the part of a text ends that differs from the text before. */
export function endOfChange(before: string, after: string): number {
  const most = Math.min(before.length, after.length);
  let same = 0;
  while (same < most && before[same] === after[same]) same++;
  let behind = 0;
  while (behind < most - same && before.at(-1 - behind) === after.at(-1 - behind)) behind++;
  return after.length - behind;
}
