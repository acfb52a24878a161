import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import { Alert } from "antd";
import { useEffect, useState } from "react";
import { useWords } from "../ui/words";
import { words } from "./words";

const patience = 3_000; // milliseconds until a read counts as slow

/** Says that the master takes long to answer; what was read before stays where it is. */
export function Slow() {
  const t = useWords(words);
  return useSlow() && <Alert banner type="info" role="status" title={t("slow")} className="trouble" />;
}

function useSlow(): boolean {
  const queries = useQueryClient();
  const busy = useIsFetching() > 0;
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!busy) return;
    const since = new Map<string, number>();
    const look = () => {
      const reading = queries.getQueryCache().findAll({ fetchStatus: "fetching" }).map((q) => q.queryHash);
      for (const known of since.keys()) if (!reading.includes(known)) since.delete(known);
      for (const q of reading) since.set(q, since.get(q) ?? Date.now());
      setSlow([...since.values()].some((at) => Date.now() - at >= patience));
    };
    look();
    const timer = setInterval(look, 500);
    return () => {
      clearInterval(timer);
      setSlow(false);
    };
  }, [busy, queries]);
  return slow;
}
