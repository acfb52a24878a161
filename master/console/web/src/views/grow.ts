import type { Api } from "../api/client";

type Graph = Api["Graph"];
type Node = Api["GraphNode"];

const unit = 100; // between neighbours of a rank, and between ranks

/** A graph with the neighbours of one of its tasks too: they come into free places above and below it, and what was there stays where it was to each other. */
export function grown(g: Graph, task: string, around: Graph): Graph {
  const nodes = [...(g.nodes ?? [])];
  const here = nodes.find((n) => n.task === task);
  if (!here) return g;
  const known = new Set(nodes.map((n) => n.task));
  const parents = new Set((around.edges ?? []).filter((e) => e.child === task).map((e) => e.parent));
  for (const n of around.nodes ?? []) {
    if (known.has(n.task)) continue;
    const way = parents.has(n.task) ? -1 : 1;
    const y = here.y + way * unit;
    nodes.push({ ...n, rank: here.rank + way, x: freePlace(nodes, here.x, y), y });
  }
  const before = new Set((g.edges ?? []).map(pairOf));
  const added = (around.edges ?? []).filter((e) => !before.has(pairOf(e)));
  return { ...g, nodes: fromOrigin(recounted(nodes, known, added)), edges: [...(g.edges ?? []), ...added.map((e) => ({ ...e, via: undefined }))] };
}

const pairOf = (e: { parent: string; child: string }) => `${e.parent}\n${e.child}`;

/** The place of a row nearest to an x at which nothing is. */
function freePlace(nodes: Node[], x: number, y: number): number {
  const row = nodes.filter((n) => n.y === y);
  for (let away = 0; ; away += unit)
    for (const at of [x + away, x - away]) if (row.every((n) => Math.abs(n.x - at) >= unit)) return at;
}

/** Nodes that were there know what of their neighbours is still not shown. */
function recounted(nodes: Node[], known: ReadonlySet<string>, added: { parent: string; child: string }[]): Node[] {
  const pairs = [...new Map(added.map((e) => [pairOf(e), e])).values()];
  const less = (n: number | undefined, by: number) => Math.max(0, (n ?? 0) - by);
  return nodes.map((n) => {
    if (!known.has(n.task)) return n;
    return { ...n, moreUp: less(n.moreUp, pairs.filter((e) => e.child === n.task).length), moreDown: less(n.moreDown, pairs.filter((e) => e.parent === n.task).length) };
  });
}

/** The nodes so that the first row and column are at 0, as pictures begin there. */
function fromOrigin(nodes: Node[]): Node[] {
  const [x, y] = [Math.min(...nodes.map((n) => n.x)), Math.min(...nodes.map((n) => n.y))];
  return nodes.map((n) => ({ ...n, x: n.x - x, y: n.y - y }));
}
