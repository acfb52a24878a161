/** Where a line of a log begins, and where the next one does. */
export type LineSpan = { offset: number; end: number };
/** A line of a log, and what it says. */
export type Line = LineSpan & { text: string };

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

/** Where the lines of a stretch lie of which both ends are known. */
export function spansOf(stretch: Stretch, logStart: number): LineSpan[] {
  const starts = startsOf(stretch, logStart);
  if (stretch.ends) push(starts, stretch.offset + stretch.bytes.length);
  return starts.slice(1).map((end, i) => ({ offset: starts[i] ?? 0, end }));
}

/** What lines of a stretch say. */
export function textsOf({ offset, bytes }: Stretch, spans: LineSpan[]): Line[] {
  return spans.map((span) => {
    const from = span.offset - offset;
    let end = span.end - offset;
    if (bytes[end - 1] === newline) end--;
    if (bytes[end - 1] === 13) end--;
    return { ...span, text: decoder.decode(bytes.subarray(from, Math.max(end, from))) };
  });
}

/** The lines of a stretch of which both ends are known. */
export const linesOf = (stretch: Stretch, logStart: number): Line[] => textsOf(stretch, spansOf(stretch, logStart));

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
