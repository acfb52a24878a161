import { useQuery } from "@tanstack/react-query";
import { Alert, Skeleton } from "antd";
import { api, body } from "../api/client";
import { Act } from "../ui/act";
import { commonWords } from "../ui/commonwords";
import { To } from "../ui/link";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { enc, useGo, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { type Version, useVersions } from "./data";
import { DiffText } from "./difftext";
import { words } from "./words";

/** The versions of a task, and the difference of two of them. `gone`: why the task itself is not there. */
export function Versions({ name, gone }: { name: string; gone?: Error }) {
  const t = useWords(words);
  const versions = useVersions(name);
  const [url, set] = useUrl();
  const items = versions.data?.items;
  const newest = items?.[0]?.version ?? 0;
  const to = Number(url.to) || newest;
  const from = Number(url.from) || items?.find((v) => v.version < to)?.version || to;
  const columns = useColumns(name, newest, from, to, set);
  if (gone && versions.isError) return <><TroubleBox trouble={gone} /><p><To to="/tasks">{t("allTasks")}</To></p></>;
  return (
    <>
      {gone && items && <Alert type="info" showIcon className="trouble" title={t("wasDeleted")} />}
      <ListTable
        label={t("versions")}
        columns={columns}
        rows={items}
        idOf={(v) => String(v.version)}
        trouble={versions.error}
        retry={() => void versions.refetch()}
      />
      {versions.data?.more && <p className="faint">{t("olderVersions", { n: items?.length ?? 0 })}</p>}
      {items && items.length > 1 && <Difference name={name} from={from} to={to} />}
      {items?.length === 1 && <p className="faint">{t("oneVersion")}</p>}
    </>
  );
}

function useColumns(name: string, newest: number, from: number, to: number, set: (patch: { from?: string; to?: string }) => void): Column<Version>[] {
  const t = useWords(words);
  const go = useGo();
  const choice = (v: Version, side: "from" | "to", at: number) => (
    <label className="tasks-choice">
      <input type="radio" name={side} checked={v.version === at} onChange={() => set({ from: String(from), to: String(to), [side]: String(v.version) })} aria-label={t(side === "from" ? "compareFrom" : "compareTo", { n: v.version })} />
    </label>
  );
  return [
    { key: "from", title: t("older"), show: (v) => choice(v, "from", from) },
    { key: "to", title: t("newer"), show: (v) => choice(v, "to", to) },
    { key: "version", title: t("version"), className: "num", show: (v) => v.version },
    { key: "at", title: t("savedAt"), className: "nowrap", show: (v) => <Time at={v.savedAt} full /> },
    { key: "by", title: t("savedBy"), show: (v) => v.savedBy },
    { key: "what", title: t("switch"), show: (v) => (v.deleted ? t("deleted") : v.enabled ? t("enabled") : t("disabled")) },
    { key: "note", title: t("note"), show: (v) => v.note || "–" },
    {
      key: "restore",
      title: t("restore"),
      show: (v) =>
        v.deleted || v.version === newest ? <span className="faint">{v.deleted ? "–" : t("current")}</span> : (
          <Act action="task.edit" size="small" aria-label={t("restoreOf", { n: v.version })} onClick={() => go(`/tasks/${enc(name)}/edit`, { version: String(v.version) })}>{t("restoreThis")}</Act>
        ),
    },
  ];
}

function Difference({ name, from, to }: { name: string; from: number; to: number }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const diff = useQuery({
    queryKey: ["task", "diff", name, from, to],
    queryFn: ({ signal }) => body(api.GET("/api/v1/tasks/{name}/diff", { params: { path: { name }, query: { from, to } }, signal })),
    staleTime: Infinity, // a version never changes
  });
  return (
    <>
      <h2>{t("difference", { from, to })}</h2>
      {diff.error && <TroubleBox trouble={diff.error} retry={() => void diff.refetch()} />}
      {diff.isPending && <Skeleton active title={false} aria-label={common("loading")} />}
      {diff.data && <DiffText text={diff.data.diff} label={t("difference", { from, to })} />}
    </>
  );
}
