import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Skeleton } from "antd";
import { Trouble, api, body } from "../api/client";
import { commonWords } from "../ui/commonwords";
import { To } from "../ui/link";
import { TroubleBox } from "../ui/trouble";
import { enc, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { useTask } from "./data";
import { words } from "./editwords";
import { Write } from "./write";

/** Changes a task, from what is saved or, to restore it, from an older version (`?version=N`), also of a task that is deleted. */
export default function Edit() {
  const { name = "" } = useParams({ strict: false }) as { name?: string };
  const [url] = useUrl();
  const version = Number(url.version) || undefined;
  return <OfTask key={`${name} ${version}`} name={name} version={version} />;
}

function OfTask({ name, version }: { name: string; version?: number }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const task = useTask(name);
  const old = useQuery({
    queryKey: ["task", "version", name, version],
    queryFn: ({ signal }) => body(api.GET("/api/v1/tasks/{name}/versions/{version}", { params: { path: { name, version: version ?? 0 } }, signal })),
    enabled: version !== undefined,
    staleTime: Infinity,
  });
  const gone = task.error instanceof Trouble && task.error.status === 404;
  const trouble = old.error ?? (gone && version ? null : task.error);
  const title = version ? t("restoreTitle", { name, version }) : t("editTitle", { name });
  const start = version ? old.data?.yaml : task.data?.yaml;
  const settled = gone || task.data !== undefined;
  if (start !== undefined && settled) {
    return (
      <Write
        id={version ? `${name}@${version}` : name}
        title={title}
        start={start}
        saved={gone ? undefined : task.data}
        note={version ? t("restoreNote", { version }) : undefined}
        proposal={version ? t("restoreReason", { version }) : undefined}
      />
    );
  }
  return (
    <>
      <nav aria-label={t("path")} className="faint"><To to="/tasks">{t("tasks")}</To> / <To to={`/tasks/${enc(name)}`}>{name}</To> /</nav>
      <div className="head"><h1 className="tasks-name">{title}</h1></div>
      {trouble ? <TroubleBox trouble={trouble} retry={() => void (old.error ? old.refetch() : task.refetch())} /> : <Skeleton active title={false} paragraph={{ rows: 8 }} aria-label={common("loading")} />}
    </>
  );
}
