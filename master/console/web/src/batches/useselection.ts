import { useState } from "react";
import type { Api } from "../api/client";

type Batch = Api["Batch"];

/** Which batches of the list are selected: by id as rows are known by, with their names as commands need them. */
export function useSelection(rows: Batch[] | undefined) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  const idOf = (b: Batch) => String(b.id);
  const toggle = (b: Batch) => {
    const next = new Map(chosen);
    if (!next.delete(idOf(b))) next.set(idOf(b), b.ref);
    setChosen(next);
  };
  const whole = (rows?.length ?? 0) > 0 && (rows ?? []).every((b) => chosen.has(idOf(b)));
  const toggleAll = () => setChosen(whole ? new Map() : new Map((rows ?? []).map((b) => [idOf(b), b.ref])));
  return { ids: new Set(chosen.keys()), refs: [...chosen.values()], has: (b: Batch) => chosen.has(idOf(b)), toggle, whole, toggleAll, clear: () => setChosen(new Map()) };
}
