import { QueryClient } from "@tanstack/react-query";
import { Trouble } from "./client";

/** A failing read is tried again when there was no answer or the master had no time, never when it refused. */
function again(count: number, error: Error) {
  const passing = error instanceof Trouble && (error.status === 0 || error.status === 503 || error.status === 504 || error.status === 429);
  return passing && count < 3;
}

export function newQueryClient() {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: again, retryDelay: (n) => Math.min(500 * 2 ** n, 4000), staleTime: 5_000, refetchOnWindowFocus: true, networkMode: "always" },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
