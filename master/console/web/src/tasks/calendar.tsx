import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Alert, Segmented, Skeleton } from "antd";
import { type Api, api, body } from "../api/client";
import { useZone } from "../frame/session";
import { commonWords } from "../ui/commonwords";
import { To } from "../ui/link";
import { glyphs } from "../ui/states";
import { type Column, ListTable } from "../ui/table";
import { dayIn } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { useUrl } from "../ui/url";
import { useLang, useWords } from "../ui/words";
import { type Day, type Month, byAttention, monthsUpTo, tally } from "./days";
import { words } from "./words";

const lengths = ["1", "3", "12"] as const;
const pageSize = 500;
const mostPages = 20;

type Read = { items: Api["Batch"][]; cut: boolean };

async function readSince(task: string, from: string, signal: AbortSignal): Promise<Read> {
  const items: Api["Batch"][] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const read = await body(api.GET("/api/v1/batches", { params: { query: { task, from, latest: true, limit: pageSize, cursor } }, signal }));
    items.push(...(read.items ?? []));
    cursor = read.next;
    if (!cursor) return { items, cut: false };
  }
  return { items, cut: true };
}

/** The days of the last months, each coloured by its worst batch; the same as a table. */
export function Calendar({ name, period }: { name: string; period: string }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const zone = useZone();
  const [url, set] = useUrl();
  const length = lengths.find((l) => l === url.months) ?? (period === "hour" || period === "cron" ? "3" : "12");
  const months = monthsUpTo(dayIn(Date.now(), zone), Number(length));
  const from = `${months[0]?.name}-01`;
  const read = useQuery({
    queryKey: ["batch", "calendar", name, from],
    queryFn: ({ signal }) => readSince(name, from, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000, // many pages: not again for each batch that moves
  });
  const days = tally(read.data?.items ?? [], zone);
  const asTable = url.as === "table";
  return (
    <>
      <div className="filters">
        <Segmented aria-label={t("lastMonths")} value={length} onChange={(months) => set({ months })} options={lengths.map((n) => ({ value: n, label: n === "1" ? t("thisMonth") : t("months", { n }) }))} />
        <Segmented aria-label={t("shownAs")} value={asTable ? "table" : "map"} onChange={(as) => set({ as: as === "table" ? as : undefined })} options={[{ value: "map", label: t("map") }, { value: "table", label: t("table") }]} />
        <Legend />
      </div>
      {read.error && <TroubleBox trouble={read.error} retry={() => void read.refetch()} stillShown={read.data !== undefined} />}
      {read.isPending && <Skeleton active title={false} paragraph={{ rows: 6 }} aria-label={common("loading")} />}
      {read.data?.cut && <Alert type="info" showIcon className="trouble" title={t("calendarCut", { n: pageSize * mostPages })} />}
      {read.data && asTable && <DayTable days={[...days.values()].sort((a, b) => (a.day < b.day ? 1 : -1))} name={name} />}
      {read.data && !asTable && <div className="tasks-months">{months.map((m) => <MonthTable key={m.name} month={m} days={days} name={name} />)}</div>}
    </>
  );
}

function Legend() {
  const common = useWords(commonWords);
  return (
    <span className="pieces" aria-hidden="true">
      {byAttention.map((look) => (
        <span key={look} className={`state state-${look}`}><span className="glyph">{glyphs[look]}</span>{common(look)}</span>
      ))}
    </span>
  );
}

function useCounts(): (day: Day) => string {
  const common = useWords(commonWords);
  return (day) => {
    const parts = byAttention.filter((look) => day.counts[look]).map((look) => `${common(look)} ${day.counts[look]}`);
    return [...parts, ...(day.late ? [`${common("late")} ${day.late}`] : [])].join(", ");
  };
}

function useWeekdays(): string[] {
  const lang = useLang();
  const format = new Intl.DateTimeFormat(lang === "zh" ? "zh-CN" : "en", { weekday: "narrow", timeZone: "UTC" });
  return Array.from({ length: 7 }, (_, i) => format.format(Date.UTC(2024, 0, 1 + i))); // 2024 began on a Monday
}

function MonthTable({ month, days, name }: { month: Month; days: Map<string, Day>; name: string }) {
  const weekdays = useWeekdays();
  return (
    <table className="tasks-month">
      <caption>{month.name}</caption>
      <thead><tr>{weekdays.map((d, i) => <th key={i} scope="col">{d}</th>)}</tr></thead>
      <tbody>
        {month.weeks.map((week, w) => (
          <tr key={w}>{week.map((day, i) => <td key={i}>{day && <DayCell day={day} of={days.get(day)} name={name} />}</td>)}</tr>
        ))}
      </tbody>
    </table>
  );
}

function DayCell({ day, of, name }: { day: string; of?: Day; name: string }) {
  const counts = useCounts();
  const number = Number(day.slice(8));
  if (!of) return <span className="tasks-day faint">{number}</span>;
  return (
    <span title={`${day}: ${counts(of)}`}>
      <To to="/batches" search={{ task: name, from: day, to: day }} className={`tasks-day tasks-full state-${of.worst}`}>
        <span className="tasks-unseen">{`${day}: ${counts(of)}`}</span>
        <span aria-hidden="true">{number}</span>
        <span aria-hidden="true" className="tasks-glyph">{glyphs[of.worst]}</span>
        {of.late > 0 && <span aria-hidden="true" className="tasks-late">{glyphs.late}</span>}
      </To>
    </span>
  );
}

function DayTable({ days, name }: { days: Day[]; name: string }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const columns: Column<Day>[] = [
    { key: "day", title: t("date"), show: (d) => <To to="/batches" search={{ task: name, from: d.day, to: d.day }}>{d.day}</To> },
    { key: "worst", title: t("worst"), show: (d) => <span className={`state state-${d.worst}`}><span aria-hidden="true" className="glyph">{glyphs[d.worst]}</span>{common(d.worst)}</span> },
    ...byAttention.map((look): Column<Day> => ({ key: look, title: common(look), className: "num", show: (d) => d.counts[look] ?? "" })),
    { key: "late", title: common("late"), className: "num", show: (d) => d.late || "" },
  ];
  return <ListTable label={t("calendar")} columns={columns} rows={days} idOf={(d) => d.day} empty={t("noRunsYet")} />;
}
