import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Api, api, body } from "../api/client";

export type TaskDetail = Api["TaskDetail"];
export type Version = Api["TaskVersion"];

/** A task as it stands; events of batches refresh it, for they change its state. */
export const useTask = (name: string) =>
  useQuery({
    queryKey: ["batch", "task", name],
    queryFn: ({ signal }) => body(api.GET("/api/v1/tasks/{name}", { params: { path: { name } }, signal })),
  });

/** The newest versions of a task, newest first; `more` when there are older ones. */
export const useVersions = (name: string) =>
  useQuery({
    queryKey: ["task", "versions", name],
    queryFn: async ({ signal }) => {
      const page = await body(api.GET("/api/v1/tasks/{name}/versions", { params: { path: { name }, query: { limit: 200 } }, signal }));
      return { items: page.items ?? [], more: Boolean(page.next) };
    },
  });

/** What keeps the batches of a task: holds of itself and of its project. */
export const useHolds = (task: Pick<TaskDetail, "name" | "project">) =>
  useQuery({
    queryKey: ["task", "holds"],
    queryFn: ({ signal }) => allHolds(signal),
    select: (holds) => holds.filter((h) => (h.kind === "task" && h.object === task.name) || (h.kind === "project" && h.object === task.project)),
  });

async function allHolds(signal: AbortSignal): Promise<Api["Hold"][]> {
  const out: Api["Hold"][] = [];
  let cursor: string | undefined;
  do {
    const page = await body(api.GET("/api/v1/holds", { params: { query: { limit: 500, cursor } }, signal }));
    out.push(...(page.items ?? []));
    cursor = page.next;
  } while (cursor);
  return out;
}

/** Has everything that is shown of tasks read again. */
export function useChanged() {
  const queries = useQueryClient();
  return async () => {
    await Promise.all([queries.invalidateQueries({ queryKey: ["task"] }), queries.invalidateQueries({ queryKey: ["batch"] })]);
  };
}
