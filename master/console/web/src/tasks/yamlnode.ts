import { type Node, type Pair, type YAMLMap, type YAMLSeq, isMap, isScalar, isSeq, parseAllDocuments } from "yaml";

export type Path = readonly (string | number)[];

/** A file with its first task, which is what the form writes. */
export type Source = { text: string; root: YAMLMap };

/** Why a file cannot be read: what stands in which line, or that there is no task in it. */
export type Unreadable = { problem?: string; line?: number };

/** Reads the first task of a file. What is broken behind it does not matter. */
export function readSource(text: string): Source | Unreadable {
  for (const doc of parseAllDocuments(text, { logLevel: "silent" })) {
    const [error] = doc.errors;
    if (error) return { problem: error.message.split("\n")[0]?.replace(/ at line.*$/, ""), line: error.linePos?.[0].line };
    if (isMap(doc.contents) && valueOf(doc.contents, "kind") === "Task") return { text, root: doc.contents };
  }
  return {};
}

const valueOf = (map: YAMLMap, key: string) => {
  const node = pairIn(map, key)?.value;
  return isScalar(node) ? node.value : undefined;
};

export function pairIn(map: YAMLMap, key: string | number): Pair<Node, Node | null> | undefined {
  return (map.items as Pair<Node, Node | null>[]).find((p) => isScalar(p.key) && p.key.value === key);
}

/** What stands at a place; undefined where nothing does. */
export function nodeAt(root: Node, path: Path): Node | undefined {
  let at: Node | null | undefined = root;
  for (const step of path) {
    if (isMap(at)) at = pairIn(at, step)?.value;
    else if (isSeq(at) && typeof step === "number") at = (at as YAMLSeq<Node>).items[step];
    else return undefined;
  }
  return at ?? undefined;
}

/** The text of a scalar as people write it, without quotes; undefined for what is none or is not there. */
export function textAt(source: Source, path: Path): string | undefined {
  const node = nodeAt(source.root, path);
  if (!isScalar(node) || node.value === null) return undefined;
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
}

export const startOf = (node: Node) => node.range?.[0] ?? 0;

export const isFlow = (node: Node) => (isMap(node) || isSeq(node)) && node.flow === true;

/** Where something ends: behind its last letter, without comments. */
export function endOf(text: string, node: Node): number {
  if ((isMap(node) || isSeq(node)) && !isFlow(node)) {
    const last = node.items.at(-1);
    if (last !== undefined) return isMap(node) ? endOfPair(text, last as Pair<Node, Node | null>) : endOf(text, last as Node);
  }
  let end = node.range?.[1] ?? 0;
  while (end > startOf(node) && /\s/.test(text[end - 1] ?? "")) end--;
  return end;
}

export const colonOf = (text: string, pair: Pair<Node, Node | null>) => text.indexOf(":", pair.key.range?.[1] ?? 0) + 1;

export function endOfPair(text: string, pair: Pair<Node, Node | null>): number {
  const { value } = pair;
  return !value || isNothing(value) ? colonOf(text, pair) : endOf(text, value);
}

/** A key with nothing behind it. */
export const isNothing = (node: Node) => isScalar(node) && node.range?.[0] === node.range?.[1];

export const lineStart = (text: string, at: number) => text.lastIndexOf("\n", at - 1) + 1;

export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

export const columnOf = (text: string, at: number) => at - lineStart(text, at);

/** From which line to which a place goes, its key included; undefined where nothing stands. */
export function linesOf(source: Source, path: Path): [number, number] | undefined {
  const node = nodeAt(source.root, path);
  const holder = nodeAt(source.root, path.slice(0, -1));
  const pair = isMap(holder) ? pairIn(holder, path.at(-1) ?? "") : undefined;
  if (!node && !pair) return undefined;
  const start = pair ? startOf(pair.key) : startOf(node as Node);
  const end = pair ? endOfPair(source.text, pair) : endOf(source.text, node as Node);
  const count = (to: number) => source.text.slice(0, to).split("\n").length;
  return [count(start), count(end)];
}
