import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

type PageOf<Row> = { items: Row[] | null; next?: string };

/** A list that is read page by page behind a cursor; the first part of the key is the topic whose events have it read again. */
export function usePagedList<Row>(key: readonly unknown[], read: (cursor: string | undefined, signal: AbortSignal) => Promise<PageOf<Row>>) {
  const q = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next || undefined,
    placeholderData: keepPreviousData,
  });
  return {
    rows: q.data?.pages.flatMap((p) => p.items ?? []),
    trouble: q.error,
    retry: () => void q.refetch(),
    more: { has: q.hasNextPage, load: () => void q.fetchNextPage(), loading: q.isFetchingNextPage },
  };
}
