import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Button, Checkbox, Input, Segmented, Select, Skeleton } from "antd";
import { useMemo } from "react";
import { api, body } from "../api/client";
import { useZone } from "../frame/session";
import { commonWords } from "../ui/commonwords";
import { FilterText } from "../ui/filtertext";
import { TroubleBox } from "../ui/trouble";
import { type Search, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { GridCanvas } from "./gridcanvas";
import { closedOf, grouped, turned } from "./gridgroups";
import { counts, periodOf, periods, rangeOf } from "./gridrange";
import { readRows } from "./gridmap";
import { GridTable } from "./gridtable";
import { Legend } from "./legend";
import { ViewTabs } from "./viewtabs";
import { words } from "./words";
import "./views.css";

/** Tasks by work numbers: a cell for each batch. */
export default function Grid() {
  const t = useWords(words);
  const common = useWords(commonWords);
  const [url, set] = useUrl();
  const { list, rows, cols } = useGrid(url);
  const label = t("gridOf", { period: t(periodOf(url)) });
  const byProject = url.group === "project";
  const drawn = useMemo(() => (byProject ? grouped(rows, closedOf(url.closed)) : rows), [rows, byProject, url.closed]);
  const turn = (project: string) => set({ closed: turned(closedOf(url.closed), project) });
  return (
    <>
      <div className="head">
        <h1>{t("grid")}</h1>
        <ViewTabs />
        <span className="grow" />
        <Legend />
      </div>
      <Filters url={url} set={set} />
      {list.error && <TroubleBox trouble={list.error} retry={() => void list.refetch()} stillShown={list.data !== undefined} />}
      {list.isPending && <Skeleton active title={false} paragraph={{ rows: 8 }} aria-label={common("loading")} />}
      {list.data && rows.length === 0 && <Nothing url={url} set={set} />}
      {rows.length > 0 && url.as === "table" && <GridTable rows={rows} cols={cols} label={label} />}
      {rows.length > 0 && url.as !== "table" && <GridCanvas rows={drawn} cols={cols} label={label} turn={turn} />}
      {list.hasNextPage && <Button onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>{t("moreTasks")}</Button>}
    </>
  );
}

function useGrid(url: Search) {
  const zone = useZone();
  const filter = { period: periodOf(url), project: url.project || undefined, ...rangeOf(url, Date.now(), zone) };
  const list = useInfiniteQuery({
    queryKey: ["batch", "grid", filter],
    queryFn: ({ pageParam, signal }) => body(api.GET("/api/v1/grid", { params: { query: { ...filter, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next || undefined,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => readRows((list.data?.pages ?? []).flatMap((p) => p.rows ?? [])), [list.data]);
  return { list, rows, cols: list.data?.pages[0]?.cols ?? [] };
}

type Url = { url: Search; set: (patch: Search) => void };

function Nothing({ url, set }: Url) {
  const t = useWords(words);
  return (
    <div className="empty">
      <p>{t("noTasks", { period: t(periodOf(url)) })}</p>
      {url.project && <Button onClick={() => set({ project: undefined })}>{t("allProjects")}</Button>}
    </div>
  );
}

function Filters({ url, set }: Url) {
  const t = useWords(words);
  const period = periodOf(url);
  const dated = Boolean(url.from || url.to);
  const usual = counts[period][0];
  const choices = counts[period].toSorted((a, b) => a - b).map((n) => ({ value: String(n), label: t("lastOf", { n, period: t(period) }) }));
  return (
    <div className="filters" role="search">
      <Segmented aria-label={t("period")} value={period} onChange={(p) => set({ period: p === "day" ? undefined : p, n: undefined, from: undefined, to: undefined })} options={periods.map((p) => ({ value: p, label: t(`${p}s`) }))} />
      <Select
        aria-label={t("range")}
        value={dated ? "dated" : (url.n ?? String(usual))}
        onChange={(n) => set({ n: n === String(usual) ? undefined : n, from: undefined, to: undefined })}
        options={dated ? [...choices, { value: "dated", label: t("dated"), disabled: true }] : choices}
        style={{ minWidth: 130 }}
      />
      <label className="views-field">{t("from")} <Input type="date" value={url.from ?? ""} max={url.to} onChange={(e) => set({ from: e.target.value || undefined })} /></label>
      <label className="views-field">{t("to")} <Input type="date" value={url.to ?? ""} min={url.from} onChange={(e) => set({ to: e.target.value || undefined })} /></label>
      <FilterText name="project" label={t("filterProject")} hint={t("project")} width={170} />
      {url.as !== "table" && <Checkbox checked={url.group === "project"} onChange={(e) => set({ group: e.target.checked ? "project" : undefined, closed: undefined })}>{t("byProject")}</Checkbox>}
      <Segmented aria-label={t("shownAs")} value={url.as === "table" ? "table" : "picture"} onChange={(as) => set({ as: as === "table" ? as : undefined })} options={[{ value: "picture", label: t("picture") }, { value: "table", label: t("table") }]} />
    </div>
  );
}
