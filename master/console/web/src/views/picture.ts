import type { Api } from "../api/client";
import { glyphs } from "../ui/states";
import { type Standing, standingOf } from "./looks";

/** Sizes of a picture at scale 1, in CSS pixels. */
export const card = { width: 168, height: 46 };
const step = { x: 190, y: 104 };

/** One task, batch or group of a picture. */
export type Node = {
  id: string;
  label: string;
  sub: string;
  standing?: Standing;
  faint: boolean; // disabled, or not there at all
  rank: number;
  x: number;
  y: number;
  moreUp: number;
  moreDown: number;
  task?: Api["GraphNode"];
  batch?: Api["BatchNode"];
  group?: Api["GraphGroup"];
  project?: string; // that the group is of, unless it is a layer
};

export type Edge = { from: number; to: number; dashed: boolean; via: number[]; text: string };

/** Nodes and edges in their places, with what is needed to find them fast. */
export type Picture = {
  nodes: Node[];
  edges: Edge[];
  indexOf: ReadonlyMap<string, number>;
  ranks: { y: number; nodes: number[] }[]; // by y; the nodes of each by x
  parents: number[][];
  children: number[][];
  width: number;
  height: number;
};

type RawEdge = { parent: string; child: string; dashed: boolean; via?: number[] | null; text: string };

/** The picture of tasks, or of groups when there are only those. */
export function pictureOfGraph(g: Api["Graph"], byProject = false): Picture {
  const tasks = g.nodes ?? [];
  if (tasks.length === 0 && (g.groups?.length ?? 0) > 0) return pictureOfGroups(g, byProject);
  const nodes = tasks.map((n): Node => ({
    id: n.task, label: n.task, sub: n.title || n.project, standing: standingOf(n.state), faint: !n.enabled, ...place(n), moreUp: n.moreUp ?? 0, moreDown: n.moreDown ?? 0, task: n,
  }));
  return assemble(nodes, merged(g.edges ?? []));
}

function pictureOfGroups(g: Api["Graph"], byProject: boolean): Picture {
  const nodes = (g.groups ?? []).map((n): Node => ({ id: n.name, label: n.name || "–", sub: countsOf(n), standing: worstOf(n.states), faint: false, ...place(n), moreUp: 0, moreDown: 0, group: n, project: byProject ? n.name : undefined }));
  return assemble(nodes, (g.links ?? []).map((l) => ({ ...l, dashed: false, text: String(l.count) })));
}

/** The picture of a batch with those around it. */
export function pictureOfBatches(g: Api["BatchGraph"]): Picture {
  const nodes = (g.nodes ?? []).map((n): Node => ({
    id: n.ref, label: n.task, sub: n.ref.slice(n.task.length + 1), standing: standingOf(n.state), faint: n.state === "missing", ...place(n), moreUp: 0, moreDown: 0, batch: n,
  }));
  return assemble(nodes, (g.edges ?? []).map((e) => ({ parent: e.parent, child: e.child, dashed: !e.met, text: e.kind })));
}

const place = (n: { x: number; y: number; rank: number }) => ({ rank: n.rank, x: (n.x / 100) * step.x, y: (n.y / 100) * step.y });

/** How many tasks a group has, and how they stand, by glyphs: the words are in the panel and in the table. */
function countsOf(n: Api["GraphGroup"]): string {
  const parts = bySeverity.flatMap((state) => {
    const [count, standing] = [n.states?.[state] ?? 0, standingOf(state)];
    return count > 0 && standing ? [`${glyphs[standing.look]} ${count}`] : [];
  });
  return parts.length === 0 ? String(n.tasks) : parts.join("  ");
}

const bySeverity = ["failed", "lost", "killed", "running", "assigned", "waiting", "skipped", "success"];

/** Of the states of a group, the one that matters most. */
function worstOf(states: Record<string, number> | undefined): Standing | undefined {
  return standingOf(bySeverity.find((s) => (states?.[s] ?? 0) > 0));
}

/** Two tasks may depend on each other by name and by data: one line, dashed when by data only. */
function merged(edges: Api["GraphEdge"][]): RawEdge[] {
  const found = new Map<string, RawEdge>();
  for (const e of edges) {
    const key = `${e.parent}\n${e.child}`;
    const text = e.window === "default" ? e.kind : `${e.kind} ${e.window}`;
    const before = found.get(key);
    if (before) found.set(key, { ...before, dashed: before.dashed && e.kind === "data", text: `${before.text}, ${text}` });
    else found.set(key, { parent: e.parent, child: e.child, via: e.via, dashed: e.kind === "data", text });
  }
  return [...found.values()];
}

function assemble(nodes: Node[], raw: RawEdge[]): Picture {
  const indexOf = new Map(nodes.map((n, i) => [n.id, i]));
  const parents: number[][] = nodes.map(() => []);
  const children: number[][] = nodes.map(() => []);
  const edges: Edge[] = [];
  for (const e of raw) {
    const [from, to] = [indexOf.get(e.parent), indexOf.get(e.child)];
    if (from === undefined || to === undefined) continue;
    parents[to]?.push(from);
    children[from]?.push(to);
    edges.push({ from, to, dashed: e.dashed, text: e.text, via: (e.via ?? []).map((x) => (x / 100) * step.x) });
  }
  const width = Math.max(0, ...nodes.map((n) => n.x));
  const height = Math.max(0, ...nodes.map((n) => n.y));
  return { nodes, edges, indexOf, ranks: ranksOf(nodes), parents, children, width, height };
}

function ranksOf(nodes: Node[]): Picture["ranks"] {
  const byY = new Map<number, number[]>();
  nodes.forEach((n, i) => {
    const there = byY.get(n.y);
    if (there) there.push(i);
    else byY.set(n.y, [i]);
  });
  const x = (i: number) => nodes[i]?.x ?? 0;
  return [...byY].sort(([a], [b]) => a - b).map(([y, there]) => ({ y, nodes: there.sort((a, b) => x(a) - x(b)) }));
}

export const rankStep = step.y;
