import type { Api } from "../api/client";
import { useWords } from "../ui/words";
import { words } from "./words";

export const periods = ["hour", "day", "week", "month", "cron", "manual"] as const;

/** How often a task produces, with the expression of one by cron. */
export function Period({ task }: { task: Pick<Api["TaskSummary"], "period" | "cron"> }) {
  const t = useWords(words);
  const word = periods.find((p) => p === task.period);
  return (
    <>
      {word ? t(word) : task.period} {task.cron && <code>{task.cron}</code>}
    </>
  );
}
