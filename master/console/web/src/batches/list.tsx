import { Button, Checkbox, Segmented } from "antd";
import { Suspense, lazy, useState } from "react";
import { type Api, api, body } from "../api/client";
import { useZone } from "../frame/session";
import { useColumnChoice } from "../ui/columns";
import { Choose } from "../ui/choose";
import { commonWords } from "../ui/commonwords";
import { FilterText } from "../ui/filtertext";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { dayIn } from "../ui/time";
import { type Search, enc, useGo, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { words as bulkWords } from "./bulkwords";
import { useColumns, usualColumns } from "./columns";
import { useSelection } from "./useselection";
import { words } from "./words";

// Most who look change nothing: the dialogs come with the first selection.
const Bulk = lazy(() => import("./bulk"));

type Batch = Api["Batch"];

const states = ["waiting", "assigned", "running", "success", "failed", "killed", "skipped", "lost"] as const;
const ranges = ["today", "yesterday", "week", "allTime"] as const;

const day = 86_400_000;

/** The days that a range of the address stands for, in the cluster's zone; today without one. */
function daysOf(url: Search, zone: string): { from?: string; to?: string } {
  const ago = (n: number) => dayIn(Date.now() - n * day, zone);
  switch (url.range) {
    case "allTime": return {};
    case "yesterday": return { from: ago(1), to: ago(1) };
    case "week": return { from: ago(6), to: ago(0) };
    case undefined: return url.from || url.to ? { from: url.from, to: url.to } : { from: ago(0), to: ago(0) };
    default: return { from: ago(0), to: ago(0) };
  }
}

export default function List() {
  const t = useWords(words);
  const go = useGo();
  const zone = useZone();
  const [url, set] = useUrl();
  const filter = {
    task: url.task || undefined,
    project: url.project || undefined,
    state: url.state || undefined,
    host: url.host || undefined,
    operation: url.operation ? Number(url.operation) : undefined,
    late: url.late === "true" || undefined,
    ...daysOf(url, zone),
  };
  const read = (limit: number, cursor?: string, signal?: AbortSignal) => body(api.GET("/api/v1/batches", { params: { query: { ...filter, limit, cursor } }, signal }));
  const list = usePagedList<Batch>(["batch", "list", filter], (cursor, signal) => read(100, cursor, signal));
  const [all, setAll] = useState(false);
  const selection = useSelection(list.rows);
  const bulk = useWords(bulkWords);
  const columns = useColumns();
  const { shown, menu } = useColumnChoice("batches", columns, usualColumns);
  const page = (b: Batch, tab?: string) => go(`/batches/${enc(b.ref)}`, tab ? { tab } : {});
  return (
    <>
      <div className="head">
        <h1>{t("batches")}</h1>
        <span className="grow" />
        {!all && (list.rows?.length ?? 0) > 0 && <Button onClick={() => setAll(true)}>{bulk("all")}</Button>}
      </div>
      <Filters url={url} set={set} />
      <Suspense>
        {(selection.refs.length > 0 || all) && <Bulk refs={selection.refs} filter={filter} all={all} setAll={setAll} clear={() => { setAll(false); selection.clear(); }} />}
      </Suspense>
      <ListTable
        label={t("batches")}
        columns={[useSelectColumn(selection), ...shown]}
        tools={menu}
        csv={{ name: "batches", columns, read: (cursor) => read(500, cursor) }}
        selected={selection.ids}
        {...list}
        idOf={(b) => String(b.id)}
        open={(b) => page(b)}
        keys={{ x: selection.toggle, e: (b) => page(b, "why"), l: (b) => page(b, "log"), r: (b) => go("/operations/rerun/new", { batch: b.ref }) }}
        empty={<Nothing url={url} set={set} />}
      />
    </>
  );
}

type Url = { url: Search; set: (patch: Search) => void };

function Nothing({ url, set }: Url) {
  const t = useWords(words);
  const today = (url.range ?? "today") === "today" && !url.from && !url.to;
  return (
    <>
      <p>{today ? t("noneToday") : t("none")}</p>
      {today && <Button onClick={() => set({ range: "allTime" })}>{t("allTimes")}</Button>} <Button onClick={() => set(cleared)}>{t("clear")}</Button>
    </>
  );
}

const cleared: Search = { task: undefined, project: undefined, state: undefined, host: undefined, operation: undefined, late: undefined, range: undefined, from: undefined, to: undefined };

function Filters({ url, set }: Url) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const named = (name: string) => (name === "success" ? common("ok") : common(name as "failed"));
  return (
    <div className="filters" role="search">
      <Segmented aria-label={t("range")} value={url.from || url.to ? "" : (url.range ?? "today")} onChange={(range) => set({ range: range === "today" ? undefined : range, from: undefined, to: undefined })} options={ranges.map((r) => ({ value: r, label: t(r) }))} />
      <Choose label={t("state")} value={url.state ?? ""} choose={(state) => set({ state: state || undefined })} options={[{ value: "", label: t("anyState") }, ...states.map((s) => ({ value: s, label: named(s) }))]} />
      <FilterText name="task" label={t("filterTask")} hint={t("task")} />
      <FilterText name="project" label={t("filterProject")} hint={t("project")} width={160} />
      <Checkbox checked={url.late === "true"} onChange={(e) => set({ late: e.target.checked ? "true" : undefined })}>{t("late")}</Checkbox>
    </div>
  );
}

function useSelectColumn({ has, toggle, whole, toggleAll }: ReturnType<typeof useSelection>): Column<Batch> {
  const t = useWords(bulkWords);
  return {
    key: "select",
    title: <label className="batches-check"><input type="checkbox" aria-label={t("selectShown")} checked={whole} onChange={toggleAll} /></label>,
    show: (b) => <label className="batches-check"><input type="checkbox" aria-label={t("select", { ref: b.ref })} checked={has(b)} onChange={() => toggle(b)} /></label>,
  };
}
