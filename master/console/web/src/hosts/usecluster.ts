import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";

/** The masters and their duties. Passes of duties and the masters' figures make no events. */
export const useCluster = () =>
  useQuery({ queryKey: ["cluster", "view"], queryFn: ({ signal }) => body(api.GET("/api/v1/cluster", { signal })), refetchInterval: 10_000, placeholderData: keepPreviousData });
