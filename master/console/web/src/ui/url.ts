import { useNavigate, useSearch } from "@tanstack/react-router";

export type Search = Record<string, string | undefined>;

/** The state of a page is its address: reads its search parameters and a function that changes some of them. */
export function useUrl(): [Search, (patch: Search, push?: boolean) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const set = (patch: Search, push = false) => {
    void navigate({ to: ".", search: (before: Search) => ({ ...before, ...patch }), replace: !push } as never);
  };
  return [search, set];
}

/** A function that opens a page by its path, such as `/batches/${enc(ref)}`. */
export function useGo() {
  const navigate = useNavigate();
  return (to: string, search: Search = {}) => void navigate({ to, search } as never);
}

/** A name as one part of a path. */
export const enc = encodeURIComponent;
