import { expect, it } from "vitest";
import { yamlParts } from "./yamlparts";

const kinds = (text: string) => yamlParts(text).map((line) => line.filter((p) => p.text !== "").map((p) => `${p.kind}:${p.text}`));

it("never loses or changes a letter", () => {
  const text = 'a: 1 # c\n- "b": {x: 1}\n\n  script: |-\n    if: then # no\n\n    end\nnext: "a # b" # c\n---\n# all\nstrange';
  expect(yamlParts(text).map((l) => l.map((p) => p.text).join("")).join("\n")).toBe(text);
});

it("tells keys, comments and text blocks", () => {
  expect(kinds("  name: x # why")).toEqual([["plain:  ", "key:name:", "plain: x ", "comment:# why"]]);
  expect(kinds('a: "x # y"')).toEqual([["key:a:", 'plain: "x # y"']]);
  expect(kinds("url: http://x#y")).toEqual([["key:url:", "plain: http://x#y"]]);
  expect(kinds("run: |\n  a: b\n\nc: d")).toEqual([["key:run:", "plain: |"], ["text:  a: b"], [], ["key:c:", "plain: d"]]);
});
