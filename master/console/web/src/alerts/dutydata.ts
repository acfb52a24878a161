import { useQuery } from "@tanstack/react-query";
import { type Api, api, body } from "../api/client";

type Range = { from?: string; to?: string; department?: string };

async function readDays(range: Range, signal: AbortSignal): Promise<Api["DutyList"]> {
  const items: Api["DutyDay"][] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await body(api.GET("/api/v1/duty", { params: { query: { ...range, limit: 500, cursor } }, signal }));
    items.push(...(page.items ?? []));
    cursor = page.next || undefined;
    if (!cursor) return { ...page, items };
  }
}

/** Who is on duty in a range of days; today without one. */
export const useDutyDays = (range: Range) => useQuery({ queryKey: ["duty", "days", range], queryFn: ({ signal }) => readDays(range, signal) });

/** Enabled users, to be chosen from. */
export function useUserChoices() {
  const { data } = useQuery({ queryKey: ["user", "choices"], queryFn: ({ signal }) => body(api.GET("/api/v1/users", { params: { query: { limit: 500 } }, signal })), staleTime: 60_000 });
  return (data?.items ?? []).filter((user) => user.enabled).map((user) => ({ value: user.name, label: user.title ? `${user.name} (${user.title})` : user.name }));
}

/** Names of departments, to be chosen from. */
export function useDepartments(): string[] {
  const { data } = useQuery({ queryKey: ["user", "departments"], queryFn: ({ signal }) => body(api.GET("/api/v1/departments", { params: { query: { limit: 500 } }, signal })), staleTime: 60_000 });
  return (data?.items ?? []).map((department) => department.name);
}
