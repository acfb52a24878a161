import { useInfiniteQuery } from "@tanstack/react-query";
import type { PageOf } from "./gather";

/**
 * A list that is read page by page behind a cursor; the first part of the key is the
 * topic whose events have it read again. When the last part is an object, it is the
 * filter: while the rows of another filter are read, those of the one before stay.
 */
export function usePagedList<Row>(key: readonly unknown[], read: (cursor: string | undefined, signal: AbortSignal) => Promise<PageOf<Row>>) {
  const q = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next || undefined,
    placeholderData: (before, query) => (differsByFilter(query?.queryKey, key) ? before : undefined),
  });
  return {
    rows: q.data?.pages.flatMap((p) => p.items ?? []),
    old: q.isPlaceholderData, // the rows are those of what was asked before
    trouble: q.error,
    retry: () => void q.refetch(),
    more: { has: q.hasNextPage, load: () => void q.fetchNextPage(), loading: q.isFetchingNextPage },
  };
}

/** Whether two keys are of the same list behind different filters. */
export function differsByFilter(before: readonly unknown[] | undefined, key: readonly unknown[]): boolean {
  return typeof key.at(-1) === "object" && before?.length === key.length && before.slice(0, -1).every((part, i) => part === key[i]);
}
