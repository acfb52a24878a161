import { Trouble, readTrouble } from "../api/client";
import { type Line, type Stretch, block, newlinesIn, spansOf, textsOf } from "./logtext";

export const chunk = 128 * 1024;
const keptChunks = 31; // with one that is being read: 4 MiB

/** What the newest answer said about a log. */
export type Standing = { attempt: number; host: string; size: number; start: number; done: boolean; partial: boolean };

type Chunk = { bytes: Uint8Array; offset: number; next: number; whole: boolean };
type Answer = Standing & { offset: number; next: number; bytes: Uint8Array };

/** The log of an attempt, read in parts that are kept while there is room: however long it is, 4 MiB of it are here. */
export class LogSource {
  standing: Standing | undefined;
  private readonly chunks = new Map<number, Chunk>();

  constructor(
    private readonly address: string,
    private readonly attempt: string | undefined,
    private readonly stop: AbortSignal,
  ) {}

  /** Learns how long the log is; with `wait`, once it is longer than it was or has ended. Tells how many lines came. */
  async look(wait = 0): Promise<{ grown: boolean; lines: number; exact: boolean }> {
    const before = this.standing;
    const query: Record<string, string> = before === undefined ? { offset: "-1", limit: "1" } : { offset: String(before.size), limit: String(chunk), wait: String(wait) };
    const answer = await this.ask(query);
    const grown = before === undefined || answer.size > before.size;
    return { grown, lines: newlinesIn(answer.bytes), exact: answer.next >= answer.size };
  }

  /** Lines from the one on in which a place lies, at most so many. */
  async linesFrom(place: number, most: number): Promise<Line[]> {
    const begin = this.clamp(place);
    const stretch = await this.around(begin, most);
    const spans = spansOf(stretch, this.start).filter((l) => l.end > begin);
    return textsOf(stretch, spans.slice(0, most));
  }

  /** The lines before the one that begins at a place, at most so many. */
  async linesBefore(place: number, most: number): Promise<Line[]> {
    for (let back = 1; ; back *= 2) {
      const from = Math.max(this.start, Math.floor(Math.max(0, place - 1) / chunk - back) * chunk);
      const stretch = await this.stretch(from, place, place - 1);
      const spans = spansOf({ ...stretch, ends: false }, this.start).filter((l) => l.end <= place);
      if (spans.length >= most || stretch.offset <= this.start || back >= 8 || stretch.offset > from) return textsOf(stretch, spans.slice(-most));
    }
  }

  /** The last lines of the log as long as it is known to be: of its last part, and of up to two before it while there are too few. */
  async lastLines(most: number): Promise<Line[]> {
    const end = this.standing?.size ?? 0;
    for (let back = 0; ; back++) {
      const from = Math.max(this.start, (Math.floor(end / chunk) - back) * chunk);
      const stretch = await this.stretch(from, end, end - 1);
      const spans = spansOf(stretch, this.start);
      if (spans.length >= most || from <= this.start || back === 2) return textsOf(stretch, spans.slice(-most));
    }
  }

  private get start(): number {
    return this.standing?.start ?? 0;
  }

  private clamp(place: number): number {
    return Math.max(this.start, Math.min(place, Math.max(this.start, (this.standing?.size ?? 0) - 1)));
  }

  /** A stretch with a place in it, long enough for so many lines behind it where lines are of usual length. */
  private async around(place: number, most: number): Promise<Stretch> {
    const from = Math.max(this.start, Math.floor((place - 3 * block) / chunk) * chunk);
    let stretch = await this.stretch(from, place + 2 * block, place);
    for (let more = 1; more <= 8 && !stretch.ends; more *= 2) {
      if (spansOf(stretch, this.start).filter((l) => l.end > place).length >= most) break;
      stretch = await this.stretch(from, place + more * chunk, place);
    }
    return stretch;
  }

  /** The bytes between two places, widened to whole chunks. Where the middle of the log was dropped, those on the side on which a place is. */
  private async stretch(from: number, to: number, holds: number): Promise<Stretch> {
    const parts: Chunk[] = [];
    const size = this.standing?.size ?? 0;
    const until = () => Math.min(size, Math.max(to, endOf(parts.at(-1)) <= holds ? size : 0));
    for (let index = Math.floor(from / chunk); index * chunk < until(); ) {
      const before = parts.at(-1);
      if (before !== undefined && before.next > endOf(before)) {
        if (endOf(before) > holds) break;
        parts.length = 0;
      }
      const part = await this.chunk(index);
      if (part.bytes.length > 0) parts.push(part);
      index = Math.max(index + 1, Math.floor(part.next / chunk));
    }
    const first = parts[0];
    const last = parts.at(-1);
    if (first === undefined || last === undefined) return { offset: from, bytes: new Uint8Array(), ends: true };
    return { offset: first.offset, bytes: joined(parts.map((p) => p.bytes)), ends: last.next > endOf(last) || endOf(last) >= size };
  }

  private async chunk(index: number): Promise<Chunk> {
    const kept = this.chunks.get(index);
    const size = this.standing?.size ?? 0;
    const end = Math.min(size, (index + 1) * chunk);
    if (kept !== undefined && (kept.whole || kept.next >= end)) {
      this.chunks.delete(index);
      this.chunks.set(index, kept);
      return kept;
    }
    const read = kept === undefined ? await this.first(index) : await this.more(kept, index);
    this.chunks.set(index, read);
    for (const oldest of this.chunks.keys()) {
      if (this.chunks.size <= keptChunks) break;
      this.chunks.delete(oldest);
    }
    return read;
  }

  private async first(index: number): Promise<Chunk> {
    const from = Math.max(this.start, index * chunk);
    const end = (index + 1) * chunk;
    const { offset, bytes, next } = await this.ask({ offset: String(from), limit: String(end - from) });
    if (offset >= end) return { offset, bytes: new Uint8Array(), next: offset, whole: true };
    if (bytes.length > end - offset) return { offset, bytes: bytes.subarray(0, end - offset), next: end, whole: true };
    return { offset, bytes, next, whole: next >= end };
  }

  private async more(kept: Chunk, index: number): Promise<Chunk> {
    const { bytes, next, offset } = await this.ask({ offset: String(kept.next), limit: String((index + 1) * chunk - kept.next) });
    if (offset !== kept.next) return { ...kept, next: offset, whole: true };
    return { offset: kept.offset, bytes: joined([kept.bytes, bytes]), next, whole: next >= (index + 1) * chunk };
  }

  private async ask(query: Record<string, string>): Promise<Answer> {
    const search = new URLSearchParams(query);
    if (this.attempt !== undefined) search.set("attempt", this.attempt);
    const response = await fetch(`${this.address}?${search}`, { signal: this.stop }).catch((error: unknown) => {
      if (this.stop.aborted) throw error;
      throw new Trouble(0, "NO_ANSWER", String(error));
    });
    if (!response.ok) throw await readTrouble(response);
    const answer = answerOf(response.headers, new Uint8Array(await response.arrayBuffer()));
    const { bytes: _, offset: __, next: ___, ...standing } = answer;
    this.standing = standing;
    return answer;
  }
}

const endOf = (part: Chunk | undefined) => (part === undefined ? 0 : part.offset + part.bytes.length);

function answerOf(headers: Headers, bytes: Uint8Array): Answer {
  const number = (name: string) => Number(headers.get(name) ?? 0);
  return {
    attempt: number("X-Log-Attempt"),
    host: headers.get("X-Log-Host") ?? "",
    size: number("X-Log-Size"),
    start: number("X-Log-From"),
    done: headers.get("X-Log-Done") === "true",
    partial: headers.get("X-Log-Partial") !== null,
    offset: number("X-Log-Offset"),
    next: number("X-Log-Next"),
    bytes,
  };
}

function joined(parts: Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0];
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
