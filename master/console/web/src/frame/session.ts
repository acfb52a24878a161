import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";

/** Who is logged in, and what they may do. */
export const useMe = () => useQuery({ queryKey: ["me"], queryFn: () => body(api.GET("/api/v1/me")), staleTime: 60_000 });

/** Who serves, who leads, the version and the zone of all times. */
export const useStatus = () => useQuery({ queryKey: ["cluster", "status"], queryFn: () => body(api.GET("/api/v1/status")), staleTime: 30_000 });

/** The zone of the cluster; UTC until it is known. */
export const useZone = () => useStatus().data?.zone ?? "UTC";

/** Says whether an action may be taken anywhere, and the words for when it may not. */
export function useMay(): (action: string) => boolean {
  const actions = useMe().data?.actions ?? [];
  return (action) => actions.some((a) => a.action === action);
}
