import { type Node, type Pair, type Scalar, type YAMLMap, type YAMLSeq, isMap, isScalar, isSeq } from "yaml";
import { type Path, type Source, colonOf, columnOf, endOf, endOfPair, isFlow, isNothing, lineEnd, lineStart, nodeAt, pairIn, startOf } from "./yamlnode";
import { type Value, blockText, fitsBlock, flowPair, flowText, itemText, literal, pairText, scalarText } from "./yamlscalar";

// Every change of a form is a change of one place of the text. All else, with
// its comments, order and quotes, stays as it was written.

type MapPair = Pair<Node, Node | null>;

const splice = (text: string, from: number, to: number, by: string) => text.slice(0, from) + by + text.slice(to);

/** The keys of the map at a place, in the order in which they are written. */
export type Order = (path: Path) => readonly string[];

/** The text with this value at this place; maps on the way to it are made. */
export function setAt(source: Source, path: Path, value: Value, order: Order): string {
  const [holder, rest] = deepest(source.root, path);
  const [key = "", ...below] = rest.map(String);
  const whole = below.reduceRight<Value>((inner, k) => ({ [k]: inner }), value);
  const pair = pairIn(holder.map, key);
  if (pair) return replaced(source.text, pair, whole, holder.flow);
  return inserted(source.text, holder.map, key, whole, holder.flow, order(path.slice(0, -rest.length)));
}

/** The last map on a way, whether it lies in braces, and what is left of the way. */
function deepest(root: YAMLMap, path: Path): [{ map: YAMLMap; flow: boolean }, Path] {
  let map = root;
  let flow = isFlow(root);
  let at: Node | null | undefined = root;
  let rest = path;
  path.forEach((step, i) => {
    at = isMap(at) ? pairIn(at, step)?.value : isSeq(at) && typeof step === "number" ? (at as YAMLSeq<Node>).items[step] : undefined;
    if (at && isFlow(at)) flow = true;
    if (!isMap(at) || i === path.length - 1) return;
    map = at;
    rest = path.slice(i + 1);
  });
  return [{ map, flow: flow && isFlow(map) }, rest];
}

const isJSON = (map: YAMLMap) => isScalar(map.items[0]?.key) && (map.items[0].key as Scalar).type === "QUOTE_DOUBLE";

function replaced(text: string, pair: MapPair, value: Value, flow: boolean): string {
  const old = pair.value;
  if (!isScalar(old) || isNothing(old) || typeof value === "object") {
    const column = columnOf(text, startOf(pair.key));
    return splice(text, colonOf(text, pair), endOfPair(text, pair), flow ? ` ${flowText(value, false)}` : blockText(value, column));
  }
  if (typeof value === "string" && !flow && fitsBlock(value) && (isBlock(old) || value.includes("\n"))) return withBlock(text, pair, old, value);
  return splice(text, startOf(old), endOf(text, old), scalarText(value, old.type));
}

const isBlock = (node: Scalar) => node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED";

/** Writes lines below a key, as deep as they were. */
function withBlock(text: string, pair: MapPair, old: Scalar, value: string): string {
  const [from, end] = [startOf(old), old.range?.[1] ?? 0];
  const column = columnOf(text, startOf(pair.key));
  const headEnd = lineEnd(text, from);
  if (!isBlock(old)) {
    const to = lineEnd(text, endOf(text, old));
    return splice(text, from, to, literal(value, column, column + 2, text.slice(endOf(text, old), to).trimEnd()));
  }
  const note = /\s+#.*$/.exec(text.slice(from, headEnd))?.[0] ?? "";
  const indent = /^( *)\S/m.exec(text.slice(headEnd + 1, end))?.[1]?.length ?? column + 2;
  const lineFeed = text[end - 1] === "\n" || end < text.length ? "\n" : "";
  return splice(text, from, end, literal(value, column, Math.max(indent, column + 1), note) + lineFeed);
}

function inserted(text: string, map: YAMLMap, key: string, value: Value, flow: boolean, order: readonly string[]): string {
  const items = map.items as MapPair[];
  if (flow) {
    const last = items.at(-1);
    const at = last ? endOfPair(text, last) : startOf(map) + 1;
    return splice(text, at, at, (last ? ", " : "") + flowPair(key, value, isJSON(map)));
  }
  const [first] = items;
  if (!first) return text;
  const start = startOf(first.key);
  const column = columnOf(text, start);
  const before = items.findLast((p) => isScalar(p.key) && isBefore(order, String(p.key.value), key));
  if (!before) return splice(text, start, start, `${pairText(key, value, column)}\n${" ".repeat(column)}`);
  const at = lineEnd(text, endOfPair(text, before));
  return splice(text, at, at, `\n${" ".repeat(column)}${pairText(key, value, column)}${at === text.length ? "\n" : ""}`);
}

/** Whether a key belongs before another one; a key that the order does not know does. */
const isBefore = (order: readonly string[], key: string, other: string) => order.indexOf(key) < order.indexOf(other) || !order.includes(other);

/** The text without what stands at this place; a map or list that becomes empty goes, too, but those of the first level. */
export function dropAt(source: Source, path: Path): string {
  const { text, root } = source;
  const above = path.slice(0, -1);
  const holder = nodeAt(root, above);
  const items = isMap(holder) || isSeq(holder) ? holder.items : [];
  const at = isMap(holder) ? (holder.items as MapPair[]).findIndex((p) => isScalar(p.key) && p.key.value === path.at(-1)) : Number(path.at(-1));
  if (!holder || !items[at]) return text;
  if (items.length === 1 && path.length > 2) return dropAt(source, above);
  const begin = (i: number) => (isMap(holder) ? startOf((items[i] as MapPair).key) : startOf(items[i] as Node));
  const end = (i: number) => (isMap(holder) ? endOfPair(text, items[i] as MapPair) : endOf(text, items[i] as Node));
  if (!isFlow(holder)) return withoutLines(text, isSeq(holder) ? text.lastIndexOf("-", begin(at) - 1) : begin(at), end(at));
  if (at > 0) return splice(text, end(at - 1), end(at), "");
  return splice(text, begin(0), items.length > 1 ? begin(1) : end(0), "");
}

function withoutLines(text: string, from: number, to: number): string {
  const start = lineStart(text, from);
  if (text.slice(start, from).trim() !== "") return text; // something else stands before it in its line
  return splice(text, start, Math.min(text.length, lineEnd(text, to) + 1), "");
}

/** The text with another item at the end of a list, which is made if there is none. */
export function addTo(source: Source, path: Path, value: Value, order: Order): string {
  const { text, root } = source;
  const list = nodeAt(root, path);
  if (!isSeq(list)) return setAt(source, path, [value], order);
  const last = list.items.at(-1) as Node | undefined;
  if (isFlow(list)) {
    const at = last ? endOf(text, last) : startOf(list) + 1;
    return splice(text, at, at, (last ? ", " : "") + flowText(value, isJSON(root)));
  }
  if (!last) return text;
  const dash = columnOf(text, startOf(list));
  const at = lineEnd(text, endOf(text, last));
  return splice(text, at, at, `\n${" ".repeat(dash)}-${itemText(value, dash)}`);
}
