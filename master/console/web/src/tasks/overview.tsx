import { Alert } from "antd";
import { useQuery } from "@tanstack/react-query";
import { type Api, api, body } from "../api/client";
import { To } from "../ui/link";
import { commonWords } from "../ui/commonwords";
import { glyphs, lookOf } from "../ui/states";
import { Time, span } from "../ui/time";
import { enc } from "../ui/url";
import { useLang, useWords } from "../ui/words";
import { type TaskDetail, useHolds, useVersions } from "./data";
import { Period } from "./period";
import { bytes } from "./size";
import { RecentTrend } from "./recenttrend";
import { words } from "./words";

/** What a task is and how it stands, on one page. */
export function Overview({ task }: { task: TaskDetail }) {
  const t = useWords(words);
  return (
    <>
      <Standing task={task} />
      <dl className="facts">
        <Fact name={t("project")}><To to="/tasks" search={{ project: task.project }}>{task.project}</To></Fact>
        <Fact name={t("owner")}><To to="/tasks" search={{ owner: task.owner }}>{task.owner}</To></Fact>
        <Fact name={t("period")}><Period task={task} /></Fact>
        <Fact name={t("priority")}>{task.priority} <span className="faint">{t("zeroFirst")}</span></Fact>
        <Fact name={t("nextRun")}><Time at={task.nextRunTime} full /></Fact>
        <Fact name={t("version")}><span className="tasks-lined"><To to={`/tasks/${enc(task.name)}`} search={{ tab: "versions" }}>{task.version}</To></span> · {task.savedBy} · <Time at={task.savedAt} />{task.note && <div className="faint">{task.note}</div>}</Fact>
        <Learned stats={task.stats} />
      </dl>
      <h2>{t("lastRuns")}</h2>
      <LastRuns name={task.name} />
      <RecentTrend name={task.name} />
      <h2>{t("nextBases")}</h2>
      <Upcoming at={task.upcoming} none={task.enabled ? t("noNext") : t("noNextDisabled")} />
      <h2>{t("children")}</h2>
      <Children names={task.children ?? []} />
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Learned({ stats }: { stats?: Api["TaskStats"] }) {
  const t = useWords(words);
  const lang = useLang();
  if (!stats) return <Fact name={t("duration")}><span className="faint">{t("nothingLearned")}</span></Fact>;
  return (
    <>
      <Fact name={t("duration")}>
        {t("half", { time: span(stats.p50Millis, lang) })} · {t("most", { time: span(stats.p95Millis, lang) })}
        <div className="faint">{t("learnedFrom", { n: stats.runs })} · <Time at={stats.learnedAt} /></div>
      </Fact>
      {stats.peakMemory > 0 && <Fact name={t("memory")}>{bytes(stats.peakMemory)}</Fact>}
    </>
  );
}

/** Why nothing of the task runs, if that is so: disabled or held, by whom, why and until when. */
function Standing({ task }: { task: TaskDetail }) {
  const t = useWords(words);
  const holds = useHolds(task).data ?? [];
  return (
    <>
      {!task.enabled && <Disabled name={task.name} />}
      {holds.map((h) => (
        <Alert
          key={h.id}
          className="trouble"
          type="warning"
          showIcon
          title={<>{t(h.kind === "project" ? "projectHeld" : h.source === "breaker" ? "breakerOpen" : "taskHeld")} · {h.actor || h.source} · <Time at={h.since} /> · {h.until ? <>{t("until")} <Time at={h.until} full /></> : t("untilReleased")}</>}
          description={h.reason}
        />
      ))}
    </>
  );
}

function Disabled({ name }: { name: string }) {
  const t = useWords(words);
  const versions = useVersions(name).data?.items ?? [];
  const end = versions.findIndex((v) => v.enabled);
  const since = versions[(end < 0 ? versions.length : end) - 1]; // the version that switched it off
  return (
    <Alert
      className="trouble"
      type="warning"
      showIcon
      title={<>{t("isDisabled")}{since && <> · {since.savedBy} · <Time at={since.savedAt} full /></>}</>}
      description={since?.note}
    />
  );
}

/** The next base times of a task, as a list. */
function Upcoming({ at, none }: { at?: number[] | null; none: string }) {
  if (!at || at.length === 0) return <p className="faint">{none}</p>;
  return (
    <ol className="tasks-plain">
      {at.map((base) => (
        <li key={base}><Time at={base} full /></li>
      ))}
    </ol>
  );
}

function Children({ names }: { names: string[] }) {
  const t = useWords(words);
  if (names.length === 0) return <p className="faint">{t("noChildren")}</p>;
  return (
    <ul className="tasks-plain tasks-flow">
      {names.map((name) => (
        <li key={name}><To to={`/tasks/${enc(name)}`}>{name}</To></li>
      ))}
    </ul>
  );
}

function LastRuns({ name }: { name: string }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  const { data } = useQuery({
    queryKey: ["batch", "lastruns", name],
    queryFn: ({ signal }) => body(api.GET("/api/v1/batches", { params: { query: { task: name, latest: true, limit: 30 } }, signal })),
  });
  if (!data) return <p className="tasks-strip" />;
  const batches = [...(data.items ?? [])].reverse();
  if (batches.length === 0) return <p className="faint">{t("noRunsYet")}</p>;
  return (
    <ol className="tasks-plain tasks-strip">
      {batches.map((b) => (
        <li key={b.id} title={`${b.workNo} ${common(lookOf(b))}`}>
          <To to={`/batches/${enc(b.ref)}`} className={`tasks-cell state-${lookOf(b)}`}>
            <span aria-hidden="true">{glyphs[lookOf(b)]}</span>
            <span className="tasks-unseen">{b.workNo} {common(lookOf(b))}</span>
          </To>
        </li>
      ))}
    </ol>
  );
}
