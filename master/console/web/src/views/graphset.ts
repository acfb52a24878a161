import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, body } from "../api/client";
import type { Search } from "../ui/url";
import { grown } from "./grow";
import { type Picture, pictureOfBatches, pictureOfGraph } from "./picture";
import { shared } from "./shared";

export const modes = ["near", "ancestors", "descendants"] as const;
export type GraphMode = (typeof modes)[number];

/** What the address asks to see: groups without anything else. */
export type GraphSet =
  | { kind: "batch"; ref: string; depth: number }
  | { kind: "task"; task: string; mode: GraphMode; up: number; down: number; to?: string }
  | { kind: "project"; project: string }
  | { kind: "all" }
  | { kind: "groups"; group: "project" | "layer" };

const levels = (text: string | undefined, most: number) => {
  const n = Number(text ?? "1");
  return Number.isInteger(n) && n >= 0 && n <= most ? n : 1;
};

export function graphSetOf(url: Search): GraphSet {
  if (url.batch) return { kind: "batch", ref: url.batch, depth: Math.max(1, levels(url.depth, 10)) };
  if (url.task) return { kind: "task", task: url.task, mode: modes.find((m) => m === url.mode) ?? "near", up: levels(url.up, 100), down: levels(url.down, 100), to: url.to || undefined };
  if (url.project) return { kind: "project", project: url.project };
  if (url.mode === "all") return { kind: "all" };
  return { kind: "groups", group: url.group === "layer" ? "layer" : "project" };
}

/** The tasks whose neighbours are shown too. */
export const moreOf = (url: Search): string[] => (url.more ?? "").split(",").filter((task) => task !== "");

/** What a query for a set of tasks or groups says. */
function queryOf(set: Exclude<GraphSet, { kind: "batch" }>) {
  const state = "now";
  switch (set.kind) {
    case "task": return set.to ? { task: set.task, to: set.to, state } : { task: set.task, mode: set.mode, state, ...(set.mode === "near" ? { up: set.up, down: set.down } : {}) };
    case "project": return { project: set.project, state };
    case "all": return { mode: "all" as const, state };
    case "groups": return { mode: "all" as const, group: set.group, collapse: true, state };
  }
}

type Drawn = { key: string; picture: Picture; total: number; truncated: boolean }; // the key stands for the set

async function read(set: GraphSet, more: string[], key: string): Promise<Drawn> {
  if (set.kind === "batch") {
    const cut = set.ref.lastIndexOf("/");
    const path = { task: set.ref.slice(0, Math.max(0, cut)), run: set.ref.slice(cut + 1) };
    const drawn = await body(api.GET("/api/v1/graph/batch/{task}/{run}", { params: { path, query: { depth: set.depth } } }));
    return { key, picture: pictureOfBatches(drawn), total: drawn.nodes?.length ?? 0, truncated: drawn.truncated };
  }
  let drawn = await body(api.GET("/api/v1/graph", { params: { query: queryOf(set) } }));
  for (const task of more) drawn = grown(drawn, task, await body(api.GET("/api/v1/graph", { params: { query: { task, mode: "near", up: 1, down: 1, state: "now" } } })));
  return { key, picture: pictureOfGraph(drawn, set.kind === "groups" && set.group === "project"), total: set.kind === "groups" ? (drawn.groups?.length ?? 0) : drawn.total, truncated: drawn.truncated };
}

/** The picture that the address asks for; it follows the states of batches. */
export function useGraph(set: GraphSet, more: string[]) {
  const key = JSON.stringify([set, more]);
  const found = useQuery({ queryKey: ["batch", "graph", set, more], queryFn: () => shared(`graph ${key}`, () => read(set, more, key)), placeholderData: keepPreviousData });
  const focus = set.kind === "task" ? set.task : set.kind === "batch" ? set.ref : undefined;
  // The answer names the batch by its run, which the address may leave out.
  const focusIndex = useMemo(() => focusOf(found.data?.picture, focus), [found.data, focus]);
  return { found, focusIndex };
}

function focusOf(picture: Picture | undefined, focus: string | undefined): number | undefined {
  if (!picture || focus === undefined) return undefined;
  const exact = picture.indexOf.get(focus);
  if (exact !== undefined) return exact;
  const started = picture.nodes.findIndex((n) => n.batch?.level === 0);
  return started < 0 ? undefined : started;
}
