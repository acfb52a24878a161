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
export const useHolds = ({ name, project }: Pick<TaskDetail, "name" | "project">) =>
  useQuery({
    queryKey: ["task", "holds", name, project],
    queryFn: async ({ signal }) => (await Promise.all([holdsOf("task", name, signal), holdsOf("project", project, signal)])).flat(),
  });

async function holdsOf(kind: "task" | "project", object: string, signal: AbortSignal): Promise<Api["Hold"][]> {
  return (await body(api.GET("/api/v1/holds", { params: { query: { kind, object, limit: 500 } }, signal }))).items ?? [];
}

/** Has everything that is shown of tasks read again. */
export function useChanged() {
  const queries = useQueryClient();
  return async () => {
    await Promise.all([queries.invalidateQueries({ queryKey: ["task"] }), queries.invalidateQueries({ queryKey: ["batch"] })]);
  };
}
