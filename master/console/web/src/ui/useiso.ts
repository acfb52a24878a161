import { useZone } from "../frame/session";
import { isoIn } from "./instants";

/** A function that gives instants as files have them: in the cluster's zone, with how far it is from UTC. */
export function useIso() {
  const zone = useZone();
  return (at?: number) => (at ? isoIn(at, zone) : undefined);
}
