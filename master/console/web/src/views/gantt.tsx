import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Input, Segmented, Skeleton } from "antd";
import { useMemo } from "react";
import { type Api, api, body } from "../api/client";
import { useStatus, useZone } from "../frame/session";
import { commonWords } from "../ui/commonwords";
import { FilterText } from "../ui/filtertext";
import { dayIn } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { type Search, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { GanttCanvas } from "./ganttcanvas";
import { type By, type Span, groupsOf } from "./ganttrows";
import { GanttTable } from "./gantttable";
import { Legend } from "./legend";
import { dayAfter, dayOf, dayRange } from "./ticks";
import { shared } from "./shared";
import { ViewTabs } from "./viewtabs";
import { words } from "./words";
import "./views.css";

const pageSize = 500;
const most = 4000; // batches of one chart

/** The batches of a day as bars: when they waited and when they ran. */
export default function Gantt() {
  const t = useWords(words);
  const common = useWords(commonWords);
  const zone = useZone();
  const known = useStatus().data !== undefined; // without the zone the day is not known
  const [url, set] = useUrl();
  const day = dayOf(url.day) ?? dayIn(Date.now(), zone);
  const by: By = url.by === "worker" ? "worker" : "task";
  const list = useDay(day, url, known);
  const rows = list.data?.rows;
  const groups = useMemo(() => groupsOf(rows ?? [], by), [rows, by]);
  const without = by === "worker" ? (rows ?? []).filter((b) => !b.host).length : 0;
  const [from, to] = dayRange(day, zone);
  const label = t("ganttOf", { day });
  return (
    <>
      <div className="head">
        <h1>{t("gantt")}</h1>
        <ViewTabs />
        <span className="grow" />
        <Legend />
      </div>
      <Filters day={day} by={by} url={url} set={set} />
      {list.data?.full && <p role="status">{t("tooMany", { n: most })}</p>}
      {without > 0 && <p className="faint">{t("withoutWorker", { n: without })}</p>}
      {list.error && <TroubleBox trouble={list.error} retry={() => void list.refetch()} stillShown={rows !== undefined} />}
      {rows === undefined && !list.error && <Skeleton active title={false} paragraph={{ rows: 8 }} aria-label={common("loading")} />}
      {rows?.length === 0 && <Nothing day={day} url={url} set={set} />}
      {groups.length > 0 && url.as === "table" && <GanttTable groups={groups} label={label} />}
      {groups.length > 0 && url.as !== "table" && (
        <GanttCanvas key={`${list.data?.day} ${by} ${url.project ?? ""}`} groups={groups} by={by} day={{ from, to }} kept={spanOf(url.view)} keep={(span) => set({ view: span && `${span.from}-${span.to}` })} label={label} />
      )}
    </>
  );
}

type Filter = { from: string; to: string; project?: string; task?: string };

/** Reads the batches of a day page after page, up to what one chart can hold. */
async function readDay(filter: Filter): Promise<{ day: string; rows: Api["Batch"][]; full: boolean }> {
  const rows: Api["Batch"][] = [];
  let cursor: string | undefined;
  do {
    const page = await body(api.GET("/api/v1/batches", { params: { query: { ...filter, limit: pageSize, cursor } } }));
    rows.push(...(page.items ?? []));
    cursor = page.next || undefined;
  } while (cursor !== undefined && rows.length < most);
  return { day: filter.from, rows, full: cursor !== undefined };
}

function useDay(day: string, url: Search, known: boolean) {
  const filter = { from: day, to: day, project: url.project || undefined, task: url.task || undefined };
  const read = () => shared(`day ${JSON.stringify(filter)}`, () => readDay(filter));
  return useQuery({ queryKey: ["batch", "gantt", filter], queryFn: read, enabled: known, placeholderData: keepPreviousData });
}

function spanOf(text: string | undefined): Span | undefined {
  const [from, to] = (text ?? "").split("-").map(Number);
  return from && to && from < to ? { from, to } : undefined;
}

type FilterProps = { day: string; by: By; url: Search; set: (patch: Search) => void };

function Nothing({ day, url, set }: Omit<FilterProps, "by">) {
  const t = useWords(words);
  return (
    <div className="empty">
      <p>{t("noBatches", { day })}</p>
      <Button onClick={() => set({ day: dayAfter(day, -1), view: undefined })}>{t("dayBefore")}</Button>{" "}
      {(url.project || url.task) && <Button onClick={() => set({ project: undefined, task: undefined })}>{t("allProjects")}</Button>}
    </div>
  );
}

function Filters({ day, by, url, set }: FilterProps) {
  const t = useWords(words);
  const toDay = (to: string | undefined) => set({ day: to, view: undefined });
  return (
    <div className="filters" role="search">
      <Button aria-label={t("dayBefore")} title={t("dayBefore")} onClick={() => toDay(dayAfter(day, -1))}>‹</Button>
      <label className="views-field">{t("day_")} <Input type="date" value={day} onChange={(e) => e.target.value && toDay(e.target.value)} /></label>
      <Button aria-label={t("dayNext")} title={t("dayNext")} onClick={() => toDay(dayAfter(day, 1))}>›</Button>
      <Button onClick={() => toDay(undefined)}>{t("today")}</Button>
      <Segmented aria-label={t("groupBy")} value={by} onChange={(next) => set({ by: next === "worker" ? next : undefined })} options={[{ value: "task", label: t("byTask") }, { value: "worker", label: t("byWorker") }]} />
      <FilterText name="project" label={t("filterProject")} hint={t("project")} width={170} />
      <Segmented aria-label={t("shownAs")} value={url.as === "table" ? "table" : "picture"} onChange={(as) => set({ as: as === "table" ? as : undefined })} options={[{ value: "picture", label: t("picture") }, { value: "table", label: t("table") }]} />
    </div>
  );
}
