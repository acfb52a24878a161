import { useQuery } from "@tanstack/react-query";
import { type Api, api, body } from "../api/client";
import { useLang } from "../ui/words";
import { pathOf } from "./ref";

export type Batch = Api["BatchDetail"];
export type Why = Api["Why"];

/** The batch with its attempts and dependencies. */
export const useBatch = (ref: string) =>
  useQuery({
    queryKey: ["batch", "one", ref],
    queryFn: ({ signal }) => body(api.GET("/api/v1/batches/{task}/{run}", { params: { path: pathOf(ref) }, signal })),
  });

/** Why it waits, or where its time went, in the language of the page. */
export function useWhy(ref: string) {
  const lang = useLang();
  return useQuery({
    queryKey: ["batch", "why", ref, lang],
    queryFn: ({ signal }) => body(api.GET("/api/v1/batches/{task}/{run}/why", { params: { path: pathOf(ref), query: { lang } }, signal })),
  });
}

/** Its journal, oldest first. */
export const useEvents = (ref: string) =>
  useQuery({
    queryKey: ["batch", "events", ref],
    queryFn: ({ signal }) => body(api.GET("/api/v1/batches/{task}/{run}/events", { params: { path: pathOf(ref) }, signal })),
  });
