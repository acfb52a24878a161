import { expect, test } from "vitest";
import type { Api } from "../api/client";
import { centred, fitted, isSeen, lowerBound, nodeAt, nodesWithin, panned, scaleY, started, toPicture, toScreen, zoomed } from "./camera";
import { pictureOfBatches, pictureOfGraph } from "./picture";

const node = (task: string, rank: number, x: number, state?: string): Api["GraphNode"] => ({ task, project: "p", owner: "o", period: "day", enabled: true, rank, x, y: rank * 100, state });
const graph = (more: Partial<Api["Graph"]>): Api["Graph"] => ({ version: "1", mode: "all", nodes: [], edges: [], width: 0, height: 0, total: 0, truncated: false, limit: { nodes: 1, edges: 1 }, ...more });

/** A picture of ranks with as many nodes each. */
const wide = (ranks: number, each: number) =>
  pictureOfGraph(graph({ nodes: Array.from({ length: ranks * each }, (_, i) => node(`t${i}`, Math.floor(i / each), (i % each) * 100)) }));

test("two dependencies between the same tasks are one line, dashed only when data alone joins them", () => {
  const edge = (kind: string, child: string) => ({ parent: "a", child, kind, window: "default" });
  const p = pictureOfGraph(graph({ nodes: [node("a", 0, 0, "success"), node("b", 1, 0), node("c", 1, 100)], edges: [edge("data", "b"), edge("logic", "b"), edge("data", "c"), edge("data", "unknown")] }));
  expect(p.edges.map((e) => e.dashed)).toEqual([false, true]);
  expect(p.children[0]).toEqual([1, 2]);
  expect(p.parents[1]).toEqual([0]);
  expect(p.nodes[0]?.standing?.look).toBe("ok");
});

test("a group looks like the worst of its tasks", () => {
  const p = pictureOfGraph(graph({ groups: [{ name: "g", tasks: 3, states: { success: 2, failed: 1 }, rank: 0, x: 0, y: 0 }], links: [] }), true);
  expect(p.nodes[0]).toMatchObject({ project: "g", standing: { look: "failed" } });
});

test("a batch that is missing has no standing", () => {
  const p = pictureOfBatches({ focus: "a/1", depth: 1, nodes: [{ ref: "a/1", task: "a", state: "missing", finish: "", level: 0, rank: 0, x: 0, y: 0 }], edges: [], width: 0, height: 0, truncated: false, limit: 1 });
  expect(p.nodes[0]).toMatchObject({ label: "a", sub: "1", faint: true });
  expect(p.nodes[0]?.standing).toBeUndefined();
});

const view = { width: 1000, height: 600 };

test("only nodes within the view are found", () => {
  const p = wide(10, 500);
  const [a, b] = [p.nodes[502], p.nodes[1004]];
  expect(nodesWithin(p, (a?.x ?? 0) - 1, (a?.y ?? 0) - 1, (b?.x ?? 0) + 1, (b?.y ?? 0) + 1)).toEqual([502, 503, 504, 1002, 1003, 1004]);
  expect(lowerBound(3, (i) => i * 10, 15)).toBe(2);
});

test("every node is found where it is drawn", () => {
  const p = wide(4, 20);
  const camera = fitted(p, view);
  const ys = scaleY(camera.scale, p, view);
  p.nodes.forEach((n, i) => expect(nodeAt(camera, p, view, toScreen(camera, ys, view, n.x, n.y))).toBe(i));
});

test("zooming keeps what is under the pointer", () => {
  const p = wide(10, 100);
  const before = fitted(p, view);
  const at: [number, number] = [430, 280];
  const after = zoomed(before, p, view, 3, at);
  const where = (c: typeof before) => toPicture(c, scaleY(c.scale, p, view), view, ...at);
  expect(where(after)[0]).toBeCloseTo(where(before)[0], 6);
  expect(where(after)[1]).toBeCloseTo(where(before)[1], 6);
});

test("the picture is never lost", () => {
  const p = wide(3, 3);
  const far = panned(fitted(p, view), p, view, 1e6, -1e6);
  expect(far.x).toBeLessThan(0);
  expect(far.y).toBeLessThanOrEqual(p.height + 100);
});

test("a large neighbourhood begins at its focus, a small one is shown whole", () => {
  const large = wide(3, 400);
  const begun = started(large, view, 600);
  expect(begun.scale).toBe(0.7);
  expect(isSeen(begun, large, view, 600)).toBe(true);
  const small = wide(3, 3);
  expect(started(small, view, 4)).toEqual(fitted(small, view));
});

test("what is sought comes into the middle", () => {
  const p = wide(10, 500);
  const camera = centred(fitted(p, view), p, 42);
  expect(isSeen(camera, p, view, 42)).toBe(true);
  expect(isSeen(fitted(p, view), p, view, 42)).toBe(false);
});
