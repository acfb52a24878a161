import { useParams } from "@tanstack/react-router";
import { Skeleton } from "antd";
import type { ReactNode } from "react";
import { Trouble } from "../api/client";
import { commonWords } from "../ui/commonwords";
import { To } from "../ui/link";
import { TabBar } from "../ui/tabbar";
import { TroubleBox } from "../ui/trouble";
import { useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { Actions } from "./actions";
import { Alerts } from "./alerts";
import { Calendar } from "./calendar";
import { Config } from "./config";
import { type TaskDetail, useTask } from "./data";
import { Depends } from "./depends";
import { Overview } from "./overview";
import { Runs } from "./runs";
import "./tasks.css";
import { TriggerTag } from "./trigger";
import { Versions } from "./versions";
import { words } from "./words";

const tabs = ["overview", "runs", "calendar", "depends", "config", "versions", "alerts"] as const;
type Tab = (typeof tabs)[number];

/** A task: what it is, how it runs, and what may be done to it. */
export default function Detail() {
  const { name = "" } = useParams({ strict: false }) as { name?: string };
  return <OfTask key={name} name={name} />;
}

function OfTask({ name }: { name: string }) {
  const common = useWords(commonWords);
  const task = useTask(name);
  const gone = task.error instanceof Trouble && task.error.status === 404;
  return (
    <>
      <Head name={name} task={gone ? undefined : task.data} />
      {task.error && !gone && <TroubleBox trouble={task.error} retry={() => void task.refetch()} stillShown={task.data !== undefined} />}
      {task.isPending && <Skeleton active title={false} paragraph={{ rows: 8 }} aria-label={common("loading")} />}
      {task.data && !gone && <Tabbed task={task.data} />}
      {gone && <Versions name={name} gone={task.error ?? undefined} />}
    </>
  );
}

function Head({ name, task }: { name: string; task?: TaskDetail }) {
  const t = useWords(words);
  return (
    <>
      <nav aria-label={t("path")} className="faint"><To to="/tasks">{t("tasks")}</To> /</nav>
      <div className="head">
        <h1 className="tasks-name">{name}</h1>
        {task && <TriggerTag status={task.triggerStatus} />}
        {task?.title && <span className="faint">{task.title}</span>}
        <span className="grow" />
        {task && <Actions task={task} />}
      </div>
    </>
  );
}

function Tabbed({ task }: { task: TaskDetail }) {
  const t = useWords(words);
  const [url, set] = useUrl();
  const at = tabs.find((tab) => tab === url.tab) ?? "overview";
  const shown: Record<Tab, () => ReactNode> = {
    overview: () => <Overview task={task} />,
    runs: () => <Runs name={task.name} />,
    calendar: () => <Calendar name={task.name} period={task.period} />,
    depends: () => <Depends task={task} />,
    config: () => <Config task={task} />,
    versions: () => <Versions name={task.name} />,
    alerts: () => <Alerts name={task.name} />,
  };
  return (
    <TabBar label={t("parts")} tabs={tabs.map((tab) => ({ key: tab, label: t(tab) }))} at={at} choose={(tab) => set({ tab: tab === "overview" ? undefined : tab }, true)}>
      {shown[at]()}
    </TabBar>
  );
}
