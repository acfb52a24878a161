import { describe, expect, it } from "vitest";
import { type Edit, endOfChange, indent, newLine, outdent, placeOfLine } from "./edittext";

/** What a text becomes, with the selection marked. */
function after(text: string, e: Edit): string {
  const whole = text.slice(0, e.from) + e.text + text.slice(e.to);
  const [from, to] = e.select;
  return `${whole.slice(0, from)}[${whole.slice(from, to)}]${whole.slice(to)}`;
}

/** A text in which [ and ] stand around what is selected. */
function given(marked: string): [string, number, number] {
  const from = marked.indexOf("[");
  const to = marked.indexOf("]") - 1;
  return [marked.replace(/[[\]]/g, ""), from, to];
}

const made = (marked: string, by: (text: string, from: number, to: number) => Edit) => {
  const [text, from, to] = given(marked);
  return after(text, by(text, from, to));
};

describe("indent", () => {
  it("goes to the next stop of two", () => {
    expect(made("[]a", indent)).toBe("  []a");
    expect(made("abc[]", indent)).toBe("abc []");
    expect(made("x\nab[]", indent)).toBe("x\nab  []");
  });
  it("replaces what is selected in a line", () => expect(made("a[bc]d", indent)).toBe("a []d"));
  it("moves selected lines, but for empty ones and one of which nothing is selected", () => {
    expect(made("a\n[b\n\nc\n]d", indent)).toBe("a\n[  b\n\n  c]\nd");
  });
});

describe("outdent", () => {
  it("takes two spaces at most from the line", () => {
    expect(made("    a[]", outdent)).toBe("  a[]");
    expect(made(" a[]", outdent)).toBe("a[]");
    expect(made("a[]", outdent)).toBe("a[]");
  });
  it("does not leave the line that it began in", () => expect(made("x\n []  a", outdent)).toBe("x\n[] a"));
  it("moves selected lines", () => expect(made("[  a\n    b]", outdent)).toBe("[a\n  b]"));
});

describe("newLine", () => {
  it("keeps the indentation", () => expect(made("  a: 1[]", newLine)).toBe("  a: 1\n  []"));
  it("goes further in behind what opens something", () => {
    expect(made("spec:[]", newLine)).toBe("spec:\n  []");
    expect(made("  script: |[]", newLine)).toBe("  script: |\n    []");
    expect(made("  # note:[]", newLine)).toBe("  # note:\n  []");
  });
});

describe("placeOfLine", () => {
  it("finds a line, and the last one for numbers beyond", () => {
    expect(placeOfLine("ab\ncd\n", 1)).toEqual([0, 2]);
    expect(placeOfLine("ab\ncd\n", 2)).toEqual([3, 5]);
    expect(placeOfLine("ab\ncd\n", 9)).toEqual([6, 6]);
  });
});

it("finds where a change ends", () => {
  expect(endOfChange("abc", "abXc")).toBe(3);
  expect(endOfChange("abXc", "abc")).toBe(2);
  expect(endOfChange("aa", "aaa")).toBe(3);
  expect(endOfChange("a", "a")).toBe(1);
});
