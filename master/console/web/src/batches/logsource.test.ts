import { afterEach, expect, it, vi } from "vitest";
import { LogSource, chunk } from "./logsource";
import type { Line } from "./logtext";

type Served = { bytes: Uint8Array; done?: boolean; from?: number; gap?: [number, number]; asked: number[] };

/** Answers as a master does, from bytes in memory. */
function serve(log: Served): LogSource {
  vi.stubGlobal("fetch", async (address: string) => {
    const query = new URL(address, "http://master").searchParams;
    const size = log.bytes.length;
    const asked = Number(query.get("offset"));
    let offset = Math.min(size, Math.max(log.from ?? 0, asked < 0 ? size + asked : asked));
    const [lost, found] = log.gap ?? [Infinity, Infinity];
    if (offset >= lost && offset < found) offset = found;
    const end = Math.min(size, offset + Number(query.get("limit")), offset < lost ? lost : Infinity);
    const next = end === lost ? found : end;
    log.asked.push(end - offset);
    const headers = { "X-Log-Size": size, "X-Log-Offset": offset, "X-Log-Next": next, "X-Log-Done": log.done ?? true, "X-Log-From": log.from ?? 0, "X-Log-Attempt": 1, "X-Log-Host": "w1", ...(log.from ? { "X-Log-Partial": "tail" } : {}) };
    return new Response(log.bytes.slice(offset, end), { headers: Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]) });
  });
  return new LogSource("/logs", undefined, new AbortController().signal);
}

afterEach(() => vi.unstubAllGlobals());

const numbered = (n: number) => Array.from({ length: n }, (_, i) => `${i} ${"数据 ".repeat(i % 40)}`);
const bytes = (lines: string[]) => new TextEncoder().encode(lines.map((l) => `${l}\n`).join(""));

async function forward(s: LogSource): Promise<string[]> {
  const all: string[] = [];
  let lines: Line[] = await s.linesFrom(0, 800);
  while (lines.length > 0 && all.length < 200_000) {
    all.push(...lines.map((l) => l.text));
    const end = lines.at(-1)?.end ?? 0;
    lines = end >= (s.standing?.size ?? 0) ? [] : await s.linesFrom(end, 800);
  }
  return all;
}

it("gives every line once, forward and backward, and keeps 4 MiB at most", async () => {
  const want = numbered(80_000);
  const s = serve({ bytes: bytes(want), asked: [] });
  await s.look();
  expect(await forward(s)).toEqual(want);
  let lines = await s.lastLines(200);
  const back = lines.map((l) => l.text).reverse();
  while (lines.length > 0) {
    lines = await s.linesBefore(lines[0]?.offset ?? 0, 800);
    back.push(...lines.map((l) => l.text).reverse());
  }
  expect(back.reverse()).toEqual(want);
  const kept = (s as unknown as { chunks: Map<number, unknown> }).chunks.size;
  expect(kept * chunk).toBeLessThanOrEqual(4 * 1024 * 1024);
}, 60_000);

it("is at the end of a long log after reading little of it", async () => {
  const log: Served = { bytes: bytes(numbered(100_000)), asked: [] };
  const s = serve(log);
  await s.look();
  expect((await s.lastLines(200)).at(-1)?.text).toContain("99999 ");
  expect(log.asked.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(2 * chunk + 1);
}, 60_000);

it("shows what is added to a log, also to its last line", async () => {
  const log: Served = { bytes: new TextEncoder().encode("one\ntw"), done: false, asked: [] };
  const s = serve(log);
  await s.look();
  expect((await s.lastLines(9)).map((l) => l.text)).toEqual(["one", "tw"]);
  log.bytes = new TextEncoder().encode("one\ntwo\nthree\n");
  expect(await s.look(1)).toEqual({ grown: true, lines: 2, exact: true });
  expect((await s.linesFrom(6, 9)).map((l) => l.text)).toEqual(["two", "three"]);
  expect((await s.lastLines(9)).map((l) => l.text)).toEqual(["one", "two", "three"]);
}, 60_000);

it("goes on behind what was dropped of the middle of a log", async () => {
  const want = numbered(60_000);
  const log = bytes(want);
  const s = serve({ bytes: log, gap: [chunk * 2 + 777, chunk * 20 + 4321], asked: [] });
  await s.look();
  const got = await forward(s);
  expect(got[0]).toBe(want[0]);
  expect(got.at(-1)).toBe(want.at(-1));
  const known = new Set(want);
  expect(got.filter((line) => !known.has(line)).length).toBeLessThanOrEqual(1); // the one that the gap begins in
  expect((await s.linesFrom(chunk * 10, 5)).length).toBe(5);
}, 60_000);

it("begins where the masters' end of a log begins", async () => {
  const s = serve({ bytes: bytes(["lost", "kept", "end"]), from: 5, asked: [] });
  await s.look();
  expect(s.standing?.partial).toBe(true);
  expect((await s.linesFrom(0, 9)).map((l) => l.text)).toEqual(["kept", "end"]);
}, 60_000);
