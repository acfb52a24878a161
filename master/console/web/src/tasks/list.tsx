import { PlusOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { type Api, api, body } from "../api/client";
import { Act } from "../ui/act";
import { FilterText } from "../ui/filtertext";
import { To } from "../ui/link";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { type Search, enc, useGo, useUrl } from "../ui/url";
import { useIso } from "../ui/useiso";
import { useWords } from "../ui/words";
import { Period, periods } from "./period";
import { TriggerTag, useStand } from "./trigger";
import { words } from "./words";
import "./tasks.css";

type Task = Api["TaskSummary"];

export default function List() {
  const t = useWords(words);
  const go = useGo();
  const [url, set] = useUrl();
  const filter = {
    q: url.q || undefined,
    project: url.project || undefined,
    owner: url.owner || undefined,
    label: url.label || undefined,
    period: url.period || undefined,
    enabled: url.enabled === "true" || url.enabled === "false" ? url.enabled : undefined,
  } as const;
  const read = (limit: number, cursor?: string, signal?: AbortSignal) => body(api.GET("/api/v1/tasks", { params: { query: { ...filter, limit, cursor } }, signal }));
  // Each batch that moves may change how a task stands, so events of batches refresh the list.
  const list = usePagedList<Task>(["batch", "tasks", filter], (cursor, signal) => read(100, cursor, signal));
  const page = (task: Task, tab?: string) => go(`/tasks/${enc(task.name)}`, tab ? { tab } : {});
  return (
    <>
      <div className="head">
        <h1>{t("tasks")}</h1>
        <span className="grow" />
        <Act action="task.edit" type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => go("/tasks/new")}>{t("newTask")}</Act>
      </div>
      <Filters url={url} set={set} />
      <ListTable
        label={t("tasks")}
        columns={useColumns()}
        {...list}
        idOf={(task) => task.name}
        csv={{ name: "tasks", read: (cursor) => read(500, cursor) }}
        open={(task) => page(task)}
        keys={{ r: (task) => page(task, "runs"), n: () => go("/tasks/new") }}
        empty={<Nothing url={url} set={set} />}
      />
    </>
  );
}

type Url = { url: Search; set: (patch: Search) => void };

const cleared: Search = { q: undefined, project: undefined, owner: undefined, label: undefined, period: undefined, enabled: undefined };

function Nothing({ url, set }: Url) {
  const t = useWords(words);
  const filtered = Object.keys(cleared).some((name) => url[name]);
  if (!filtered) return <p>{t("noTasksYet")} <To to="/tasks/new">{t("newTask")}</To></p>;
  return (
    <>
      <p>{t("noTaskMatches")}</p>
      <Button onClick={() => set(cleared)}>{t("clear")}</Button>
    </>
  );
}

function Filters({ url, set }: Url) {
  const t = useWords(words);
  const field = (name: "q" | "project" | "owner", label: string, width: number) => (
    <FilterText name={name} label={label} width={width} />
  );
  return (
    <div className="filters" role="search">
      {field("q", t("filterText"), 260)}
      {field("project", t("filterProject"), 190)}
      {field("owner", t("filterOwner"), 190)}
      <Select aria-label={t("period")} value={url.period ?? ""} onChange={(period) => set({ period: period || undefined })} style={{ minWidth: 130 }} options={[{ value: "", label: t("anyPeriod") }, ...periods.map((p) => ({ value: p, label: t(p) }))]} />
      <Select aria-label={t("switch")} value={url.enabled ?? ""} onChange={(enabled) => set({ enabled: enabled || undefined })} style={{ minWidth: 130 }} options={[{ value: "", label: t("onAndOff") }, { value: "true", label: t("enabledOnly") }, { value: "false", label: t("disabledOnly") }]} />
    </div>
  );
}

function useColumns(): Column<Task>[] {
  const t = useWords(words);
  const iso = useIso();
  const stand = useStand();
  return [
    { key: "name", title: t("task"), show: (task) => <Named task={task} />, text: (task) => task.name },
    { key: "state", title: t("state"), show: (task) => <TriggerTag status={task.triggerStatus} />, text: (task) => stand(task.triggerStatus) },
    { key: "period", title: t("period"), className: "nowrap", show: (task) => <Period task={task} />, text: (task) => [task.period, task.cron].filter(Boolean).join(" ") },
    { key: "next", title: t("nextRun"), className: "nowrap", show: (task) => <Time at={task.nextRunTime} />, text: (task) => iso(task.nextRunTime) },
    { key: "project", title: t("project"), show: (task) => <To to="/tasks" search={{ project: task.project }}>{task.project}</To>, text: (task) => task.project },
    { key: "owner", title: t("owner"), show: (task) => <To to="/tasks" search={{ owner: task.owner }}>{task.owner}</To>, text: (task) => task.owner },
    { key: "priority", title: t("priority"), className: "num", show: (task) => task.priority, text: (task) => task.priority },
    { key: "version", title: t("version"), className: "num", show: (task) => task.version, text: (task) => task.version },
  ];
}

function Named({ task }: { task: Task }) {
  return (
    <>
      <div><To to={`/tasks/${enc(task.name)}`}>{task.name}</To></div>
      {task.title && <div className="faint">{task.title}</div>}
    </>
  );
}
