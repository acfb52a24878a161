/** A piece of a line of YAML, to be coloured by its kind. */
export type Part = { kind: "key" | "comment" | "text" | "plain" | "mark"; text: string };

const key = /^(\s*(?:- )*)("[^"]*"|'[^']*'|[\w./$-]+)(:)(?=\s|$)/;
const blockBegin = /(?:^|[\s:])[|>][+-]?\d?\s*(?:#.*)?$/;

const indentOf = (line: string) => line.length - line.trimStart().length;

/** Cuts YAML into coloured pieces, line by line. What it does not know stays plain: this is for the eye only. */
export function yamlParts(text: string): Part[][] {
  let block = -1; // indentation of the key whose text block goes on
  return text.split("\n").map((line) => {
    if (block >= 0 && (line.trim() === "" || indentOf(line) > block)) return [{ kind: "text", text: line }];
    block = -1;
    const parts = partsOf(line);
    if (blockBegin.test(line) && !line.trimStart().startsWith("#")) block = indentOf(line);
    return parts;
  });
}

function partsOf(line: string): Part[] {
  if (line.trimStart().startsWith("#")) return [{ kind: "comment", text: line }];
  if (line === "---") return [{ kind: "mark", text: line }];
  const found = key.exec(line);
  if (!found) return withComment(line);
  const [, before = "", name = "", colon = ""] = found;
  return [{ kind: "plain", text: before }, { kind: "key", text: name + colon }, ...withComment(line.slice(found[0].length))];
}

/** A value, and the comment behind it: a # after a space, outside of quotes. */
function withComment(value: string): Part[] {
  let quote = "";
  for (let i = 0; i < value.length; i++) {
    const c = value[i];
    if (quote !== "") quote = c === quote ? "" : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === "#" && (i === 0 || value[i - 1] === " ")) return [{ kind: "plain", text: value.slice(0, i) }, { kind: "comment", text: value.slice(i) }];
  }
  return [{ kind: "plain", text: value }];
}
