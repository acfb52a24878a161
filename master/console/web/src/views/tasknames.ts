import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { api, body } from "../api/client";

/** How many names are offered. */
export const few = 12;

/** The names of tasks that a text finds. */
export function useTaskNames(text: string): string[] {
  const q = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ["search", "tasks", q],
    queryFn: ({ signal }) => body(api.GET("/api/v1/search", { params: { query: { q, limit: few } }, signal })),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });
  if (q === "") return [];
  return (found.data?.groups ?? []).filter((g) => g.kind === "task").flatMap((g) => g.items ?? []).map((i) => i.name);
}
