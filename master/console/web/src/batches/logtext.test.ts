import { expect, it } from "vitest";
import { type Line, block, indexAt, linesOf, newlinesIn, startsOf } from "./logtext";

const bytes = (text: string) => new TextEncoder().encode(text);
const texts = (lines: Line[]) => lines.map((l) => l.text);

it("cuts lines at newlines, without those of Windows, and keeps the unfinished last one", () => {
  const lines = linesOf({ offset: 0, bytes: bytes("one\r\n二行\n\nlast"), ends: true }, 0);
  expect(texts(lines)).toEqual(["one", "二行", "", "last"]);
  expect(lines.map((l) => l.offset)).toEqual([0, 5, 12, 13]);
  expect(lines.at(-1)?.end).toBe(17);
});

it("leaves out what is cut at either end of a stretch", () => {
  const all = bytes("aaa\n数据处理\nccc\nddd");
  const part = all.subarray(6, all.length - 1); // begins within a letter
  expect(texts(linesOf({ offset: 6, bytes: part, ends: false }, 0))).toEqual(["ccc"]);
});

it("gives the same lines wherever the reading begins, also of a log without newlines", () => {
  const log = bytes(`first\n${"数据".repeat(20_000)}\n${"x".repeat(5 * block)}\nend\n`);
  const whole = linesOf({ offset: 0, bytes: log, ends: true }, 0);
  expect(whole.length).toBeGreaterThan(10);
  expect(whole.every((l) => !l.text.includes("\uFFFD") && l.end - l.offset <= 2 * block + 3)).toBe(true);
  for (let from = block; from < log.length; from += block) {
    const part = linesOf({ offset: from, bytes: log.subarray(from), ends: true }, 0);
    const known = part.filter((l) => l.offset >= from + 2 * block);
    expect(known).toEqual(whole.filter((l) => l.offset >= from + 2 * block));
  }
});

it("begins a line where the masters' end of a log begins", () => {
  expect(startsOf({ offset: 100, bytes: bytes("ab\ncd\n"), ends: true }, 100)).toEqual([100, 103, 106]);
  expect(startsOf({ offset: 100, bytes: bytes("ab\ncd\n"), ends: true }, 0)).toEqual([103, 106]);
});

it("counts lines and finds the one a place lies in", () => {
  expect(newlinesIn(bytes("a\nb\nc"))).toBe(2);
  const lines = linesOf({ offset: 0, bytes: bytes("a\nbb\nc\n"), ends: true }, 0);
  expect([0, 1, 2, 4, 5, 99].map((place) => indexAt(lines, place))).toEqual([0, 0, 1, 1, 2, 2]);
});
