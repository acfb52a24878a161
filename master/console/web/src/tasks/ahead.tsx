import { useQuery } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { useWords } from "../ui/words";
import type { DiffItem } from "./check";
import type { TaskDetail } from "./data";
import { words } from "./editwords";
import { Upcoming } from "./overview";

const hour = 3_600_000;
const lengths: Record<string, number> = { hour, day: 24 * hour, week: 7 * 24 * hour, month: 31 * 24 * hour };
const shown = 5;

type Calendar = "hour" | "day" | "week" | "month";

const scheduling = /^[+-]\s+(period|cron|calendar|enabled|valid|from|to):/m;

/** The period that a task file names, as it is written; a guess for the preview only. */
const periodIn = (text: string) => /^\s+period:\s*"?(\w+)/m.exec(text)?.[1] ?? "";

type Props = { text: string; items: DiffItem[]; saved?: TaskDetail };

/** The next five batches: those of the saved task while its schedule is untouched, otherwise what the calendar has for the period that is written. */
export function Ahead({ text, items, saved }: Props) {
  const t = useWords(words);
  const changed = items.some((i) => i.kind === "Task" && scheduling.test(i.diff ?? ""));
  const period = periodIn(text);
  if (saved && !changed) return <Upcoming at={saved.upcoming} none={saved.enabled ? t("noneAhead") : t("disabledAhead")} />;
  if (/^ {2}enabled:\s*false/m.test(text)) return <p className="faint">{t("disabledAhead")}</p>;
  if (period in lengths) return <ByCalendar period={period as Calendar} />;
  return <p className="faint">{period === "cron" ? t("cronAhead") : period === "manual" ? t("manualAhead") : t("unknownAhead")}</p>;
}

function ByCalendar({ period }: { period: Calendar }) {
  const t = useWords(words);
  const { data } = useQuery({
    queryKey: ["draft", "calendar", period],
    queryFn: ({ signal }) => {
      const from = Date.now();
      const to = from + (lengths[period] ?? hour) * (shown + 1);
      return body(api.GET("/api/v1/grid", { params: { query: { period, from: String(from), to: String(to), rows: 1 } }, signal }));
    },
    staleTime: 60_000,
  });
  return (
    <>
      <ol className="tasks-plain">{(data?.cols ?? []).slice(0, shown).map((no) => <li key={no}><code>{no}</code></li>)}</ol>
      <p className="faint">{t("byCalendar")}</p>
    </>
  );
}
