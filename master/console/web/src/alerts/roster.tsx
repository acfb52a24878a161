import { Button, Segmented, Select, Skeleton } from "antd";
import { useState } from "react";
import type { Api } from "../api/client";
import { Act } from "../ui/act";
import { TroubleBox } from "../ui/trouble";
import { type Search, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { addDays, dashed, daysFrom, firstOf, isDay, mondayOf } from "./days";
import { DayDialog } from "./dutyday";
import { useDutyDays } from "./dutydata";
import { OnDay } from "./dutyparts";
import { SetDays } from "./dutyset";
import { words } from "./dutywords";
import { Month, Week } from "./dutycalendar";

type Day = Api["DutyDay"];

/** Who is on duty now, and the calendar around a day. */
export function Roster() {
  const now = useDutyDays({});
  if (now.data) return <Shown now={now.data} />;
  if (now.error) return <TroubleBox trouble={now.error} retry={() => void now.refetch()} />;
  return <Skeleton active />;
}

/** The days that a view shows around a day. */
function rangeOf(url: Search, today: string) {
  const day = isDay(url.day) ? (url.day as string) : today;
  if (url.view !== "month") return { day, month: false, from: day, to: addDays(day, 6) };
  return { day, month: true, from: mondayOf(firstOf(day)), to: addDays(mondayOf(addDays(firstOf(day, 1), -1)), 6) };
}

function Shown({ now }: { now: Api["DutyList"] }) {
  const t = useWords(words);
  const [url, set] = useUrl();
  const [adding, setAdding] = useState(false);
  const { day, month, from, to } = rangeOf(url, now.today);
  const days = useDutyDays({ from, to, department: url.department || undefined });
  const step = (by: number) => set({ day: month ? firstOf(day, by) : addDays(day, 7 * by) });
  const departments = [...new Set([...(now.items ?? []), ...(days.data?.items ?? [])].map((d) => d.department))].sort();
  return (
    <>
      <h2>{t("now")}</h2>
      <Now days={now.items ?? []} />
      <h2>{t("calendar", { from: dashed(from), to: dashed(to) })}</h2>
      <div className="filters">
        <Segmented aria-label={t("view")} value={month ? "month" : "week"} onChange={(view) => set({ view: view === "month" ? "month" : undefined })} options={[{ value: "week", label: t("week") }, { value: "month", label: t("month") }]} />
        <Button onClick={() => step(-1)}>‹ {t("earlier")}</Button>
        <Button onClick={() => set({ day: undefined })} disabled={from <= now.today && now.today <= to && !url.day}>{t("today")}</Button>
        <Button onClick={() => step(1)}>{t("later")} ›</Button>
        <Select aria-label={t("department")} value={url.department ?? ""} onChange={(department) => set({ department: department || undefined })} style={{ minWidth: 150 }} options={[{ value: "", label: t("anyDepartment") }, ...departments.map((value) => ({ value, label: value }))]} />
        <Act action="duty.edit" onClick={() => setAdding(true)}>{t("setDays")}</Act>
      </div>
      {days.error && <TroubleBox trouble={days.error} retry={() => void days.refetch()} stillShown={days.data !== undefined} />}
      {!days.data && !days.error && <Skeleton active />}
      {days.data && <Calendar days={days.data.items ?? []} range={daysFrom(from, to)} today={now.today} month={month ? firstOf(day) : undefined} />}
      <SetDays open={adding} initial={{ department: url.department, day: now.today }} close={() => setAdding(false)} />
    </>
  );
}

function Now({ days }: { days: Day[] }) {
  const t = useWords(words);
  if (days.length === 0) return <div className="empty">{t("none")}</div>;
  return (
    <div className="duty-now">
      {days.map((day) => (
        <div key={day.department} className="duty-card">
          <h3>{day.department}</h3>
          <OnDay day={day} phones />
        </div>
      ))}
    </div>
  );
}

type CalendarProps = { days: Day[]; range: string[]; today: string; month?: string };

function Calendar({ days, range, today, month }: CalendarProps) {
  const t = useWords(words);
  const [url, set] = useUrl();
  const departments = [...new Set(days.map((d) => d.department))].sort();
  const byKey = new Map(days.map((d) => [`${d.department} ${d.day}`, d]));
  const find = (department: string, day: string): Day => byKey.get(`${department} ${day}`) ?? { department, day };
  const open = (d: Day) => set({ of: d.department, on: d.day });
  return (
    <>
      {departments.length === 0 && <div className="empty">{t("noDays")}</div>}
      {departments.length > 0 && month === undefined && <Week departments={departments} range={range} today={today} find={find} open={open} />}
      {month !== undefined && departments.map((department) => <Month key={department} department={department} range={range} today={today} month={month} find={find} open={open} />)}
      {url.of && isDay(url.on) && <DayDialog department={url.of} on={url.on as string} today={today} close={() => set({ of: undefined, on: undefined })} />}
    </>
  );
}
