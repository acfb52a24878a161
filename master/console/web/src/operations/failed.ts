import { useQuery } from "@tanstack/react-query";
import { type Api, api, body } from "../api/client";
import type { Search } from "../ui/url";
import { isCommand } from "./progress";

type Batch = Api["Batch"];

const results = ["failed", "killed", "lost"];
const pagesRead = 10;

async function withResult(operation: number, state: string, signal: AbortSignal): Promise<Batch[]> {
  const found: Batch[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pagesRead; page++) {
    const list = await body(api.GET("/api/v1/batches", { params: { query: { operation, state, latest: true, limit: 500, cursor } }, signal }));
    found.push(...(list.items ?? []));
    cursor = list.next;
    if (!cursor) break;
  }
  return found;
}

/** A rerun is of one period: what failed, period by period, as inputs of the wizard. */
export type FailedRerun = { period: string; search: Search };

/** What an operation made that ended without success and counts still, for the rerun wizard. */
export function useFailed(operation: Api["Operation"] | undefined): FailedRerun[] {
  const id = operation?.id ?? 0;
  const found = useQuery({
    queryKey: ["operation", id, "failed", operation?.failed],
    queryFn: async ({ signal }) => (await Promise.all(results.map((state) => withResult(id, state, signal)))).flat(),
    enabled: operation !== undefined && operation.failed > 0 && !isCommand(operation.kind),
  });
  const failed = (found.data ?? []).filter((b) => b.period !== "manual");
  const periods = [...new Set(failed.map((b) => b.period))];
  return periods.map((period) => ({ period, search: rerunOf(failed.filter((b) => b.period === period), id) }));
}

function rerunOf(batches: Batch[], operation: number): Search {
  const numbers = batches.map((b) => b.workNo).sort();
  return { task: [...new Set(batches.map((b) => b.task))].join(","), from: numbers[0], to: numbers.at(-1), mode: "failed", reason: `failed in operation ${operation}` };
}
