/** A line of a log: where it begins, where the next one does, and what it says. */
export type Line = { offset: number; end: number; text: string };

/** Bytes that lie side by side in a log. `ends`: nothing is behind them, so that the last line may be unfinished. */
export type Stretch = { offset: number; bytes: Uint8Array; ends: boolean };

/** A line longer than this is cut, at places that do not depend on where the reading began. */
export const block = 16 * 1024;

const newline = 10;
const decoder = new TextDecoder("utf-8");

/**
 * Where lines begin in a stretch. Lines begin behind a newline; a block without a
 * newline before it ends a line too, so that a log of one line does not need the
 * memory of all of it. The first blocks of a stretch that does not begin where the
 * log does may lack what tells; `from` says up to where that is so.
 */
export function startsOf({ offset, bytes }: Stretch, logStart: number): number[] {
  const starts: number[] = offset === logStart ? [offset] : [];
  let last = offset === logStart ? offset : -1; // the newest newline, or where it counts as if there was one
  let nextCut = Math.ceil((offset + 1) / block) * block;
  for (let i = 0; i < bytes.length; i++) {
    const at = offset + i;
    if (at === nextCut) {
      nextCut += block;
      const known = at - block >= offset;
      if (known && last < at - block) push(starts, letterFrom(bytes, i) + offset);
    }
    if (bytes[i] !== newline) continue;
    last = at;
    push(starts, at + 1);
  }
  return starts;
}

function push(starts: number[], start: number) {
  if (starts.at(-1) !== start) starts.push(start);
}

/** The first letter that begins at a place or behind it, so that none is cut. */
function letterFrom(bytes: Uint8Array, at: number): number {
  let i = at;
  while (i < bytes.length && i < at + 3 && ((bytes[i] ?? 0) & 0xc0) === 0x80) i++;
  return i;
}

/** The lines of a stretch whose beginning and end are known. */
export function linesOf(stretch: Stretch, logStart: number): Line[] {
  const starts = startsOf(stretch, logStart);
  const end = stretch.offset + stretch.bytes.length;
  if (stretch.ends) push(starts, end);
  const lines: Line[] = [];
  for (let i = 0; i + 1 < starts.length; i++) lines.push(lineOf(stretch, starts[i] as number, starts[i + 1] as number));
  return lines;
}

function lineOf({ offset, bytes }: Stretch, from: number, to: number): Line {
  let end = to - offset;
  if (bytes[end - 1] === newline) end--;
  if (bytes[end - 1] === 13) end--;
  return { offset: from, end: to, text: decoder.decode(bytes.subarray(from - offset, Math.max(end, from - offset))) };
}

/** How many lines end in these bytes. */
export function newlinesIn(bytes: Uint8Array): number {
  let n = 0;
  for (const b of bytes) if (b === newline) n++;
  return n;
}

/** The line that a place lies in, or the one before it. */
export function indexAt(lines: Line[], place: number): number {
  const at = lines.findIndex((l) => place < l.end);
  return at < 0 ? lines.length - 1 : at;
}
