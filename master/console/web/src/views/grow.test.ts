import { expect, it } from "vitest";
import type { Api } from "../api/client";
import { grown } from "./grow";

const node = (task: string, x: number, y: number, more: Partial<Api["GraphNode"]> = {}): Api["GraphNode"] => ({ task, project: "p", owner: "o", period: "day", enabled: true, rank: y / 100, x, y, ...more });
const edge = (parent: string, child: string, kind = "data") => ({ parent, child, kind, window: "default" });
const graph = (nodes: Api["GraphNode"][], edges: Api["GraphEdge"][]): Api["Graph"] => ({ version: "1", mode: "near", nodes, edges, width: 0, height: 0, total: 0, truncated: false, limit: { nodes: 1, edges: 1 } });
const places = (g: Api["Graph"]) => Object.fromEntries((g.nodes ?? []).map((n) => [n.task, [n.x, n.y]]));

const shop = graph([node("a", 0, 0), node("b", 0, 100, { moreDown: 2, moreUp: 1 }), node("c", 100, 100)], [edge("a", "b"), edge("a", "c")]);

it("puts parents above and children below, into places that are free, and knows what is still not shown", () => {
  const around = graph([node("b", 0, 100), node("a", 0, 0), node("z", 100, 0, { moreUp: 4 }), node("d", 0, 200), node("e", 100, 200)], [edge("a", "b"), edge("z", "b"), edge("b", "d"), edge("b", "d", "logic"), edge("b", "e")]);
  const g = grown(shop, "b", around);
  expect(places(g)).toEqual({ a: [0, 0], b: [0, 100], c: [100, 100], z: [100, 0], d: [0, 200], e: [100, 200] });
  expect(g.nodes?.find((n) => n.task === "b")).toMatchObject({ moreUp: 0, moreDown: 0 });
  expect(g.nodes?.find((n) => n.task === "z")).toMatchObject({ moreUp: 4, rank: 0 });
  expect(g.edges?.map((e) => `${e.parent} ${e.child} ${e.kind}`)).toEqual(["a b data", "a c data", "z b data", "b d data", "b d logic", "b e data"]);
});

it("moves everything when something comes above the first row", () => {
  const g = grown(shop, "a", graph([node("a", 0, 100), node("top", 0, 0)], [edge("top", "a")]));
  expect(places(g)).toEqual({ a: [0, 100], b: [0, 200], c: [100, 200], top: [0, 0] });
});

it("leaves a graph alone that the task is not in", () => {
  expect(grown(shop, "x", graph([node("x", 0, 0)], []))).toBe(shop);
});
