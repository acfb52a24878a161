import { expect, it } from "vitest";
import { csvOf, fieldOf } from "./csv";

it.each([
  [undefined, ""],
  ["", ""],
  ["plain", "plain"],
  ["批次", "批次"],
  [0, "0"],
  [-5, "-5"],
  ["a,b", '"a,b"'],
  ['says "no"', '"says ""no"""'],
  ["two\nlines", '"two\nlines"'],
  ["two\r\nlines", '"two\r\nlines"'],
  ["=1+1", "'=1+1"],
  ["+49 30 1", "'+49 30 1"],
  ["-", "'-"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  [" =1", "' =1"],
  ["＝1", "'＝1"],
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ["2026-11-22", "2026-11-22"],
  ["a=1", "a=1"],
])("writes %j as %j", (cell, want) => expect(fieldOf(cell)).toBe(want));

it("makes a file with a mark of UTF-8 and an end behind every line", () => {
  expect(csvOf([["批次", "n"], ["a/20261122.0", 1], [undefined, undefined]])).toBe("\uFEFF批次,n\r\na/20261122.0,1\r\n,\r\n");
});
