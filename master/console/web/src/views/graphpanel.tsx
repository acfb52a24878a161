import { CloseOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { Api } from "../api/client";
import { commonWords } from "../ui/commonwords";
import { To } from "../ui/link";
import { glyphs } from "../ui/states";
import { Span, Time } from "../ui/time";
import { enc, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { moreOf } from "./graphset";
import { Impact } from "./impact";
import { type Standing, standingOf } from "./looks";
import type { Node, Picture } from "./picture";
import { words } from "./words";

type Props = { picture: Picture; index: number; close: () => void };

/** The chosen node: what it is, how it stands, and where one can go from it. */
export function GraphPanel({ picture, index, close }: Props) {
  const t = useWords(words);
  const node = picture.nodes[index];
  if (!node) return null;
  return (
    <aside className="views-panel" tabIndex={-1} aria-label={t("chosenNode")}>
      <div className="views-panelhead">
        <h2>{node.batch ? node.id : node.label}</h2>
        <Button type="text" icon={<CloseOutlined />} aria-label={t("close")} onClick={close} />
      </div>
      {node.task && <TaskFacts task={node.task} />}
      {node.batch && <BatchFacts batch={node.batch} />}
      {node.group && <GroupFacts node={node} group={node.group} />}
      {!node.group && <Around picture={picture} index={index} />}
      {node.task && <Impact task={node.task.task} />}
    </aside>
  );
}

export function StandingTag({ standing }: { standing?: Standing }) {
  const t = useWords(words);
  const common = useWords(commonWords);
  if (!standing) return <span className="faint">{t("noBatch")}</span>;
  return (
    <span className={`state state-${standing.look}`}>
      <span className="glyph" aria-hidden="true">{glyphs[standing.look]}</span>
      {common(standing.word)}
    </span>
  );
}

function TaskFacts({ task: n }: { task: Api["GraphNode"] }) {
  const t = useWords(words);
  const [url] = useUrl();
  const hidden = Boolean(n.moreUp || n.moreDown);
  const period = (["hour", "day", "week", "month"] as const).find((p) => p === n.period);
  return (
    <>
      <p className="faint">{n.title}{!n.enabled && ` · ${t("disabled")}`}</p>
      <p>
        <StandingTag standing={standingOf(n.state)} /> {n.batch && <To to={`/batches/${enc(n.batch)}`}><code>{n.batch.slice(n.task.length + 1)}</code></To>}
      </p>
      <dl className="facts">
        <div><dt>{t("project")}</dt><dd>{n.project}</dd></div>
        <div><dt>{t("owner")}</dt><dd>{n.owner}</dd></div>
        <div><dt>{t("period")}</dt><dd>{period ? t(period) : n.period}</dd></div>
        {n.layer && <div><dt>{t("layer")}</dt><dd>{n.layer}</dd></div>}
      </dl>
      <ul className="views-links">
        <li><To to={`/tasks/${enc(n.task)}`}>{t("openTask")}</To></li>
        {hidden && <li><ShowAround task={n.task} /></li>}
        {url.task && url.task !== n.task && <li><To to="/graph" search={{ task: url.task, to: n.task }}>{t("waysBetween", { name: url.task })}</To></li>}
        <li><To to="/graph" search={{ task: n.task }}>{t("focusHere")}</To>{hidden && <span className="faint"> {t("notShown", { up: n.moreUp ?? 0, down: n.moreDown ?? 0 })}</span>}</li>
        <li><To to="/graph" search={{ task: n.task, mode: "ancestors" }}>{t("ancestors")}</To></li>
        <li><To to="/graph" search={{ task: n.task, mode: "descendants" }}>{t("descendants")}</To></li>
        {n.batch && <li><To to="/graph" search={{ batch: n.batch }}>{t("batchGraph")}</To></li>}
        {n.batch && <li><To to="/operations/rerun/new" search={{ batch: n.batch }}>{t("rerunOne")}</To></li>}
      </ul>
    </>
  );
}

/** Has the neighbours of a task shown in this picture. */
function ShowAround({ task }: { task: string }) {
  const t = useWords(words);
  const [url, set] = useUrl();
  const more = [...moreOf(url).filter((other) => other !== task), task];
  const show = (button: HTMLElement) => {
    button.closest("aside")?.focus(); // the button goes
    set({ more: more.join(","), node: task }, true);
  };
  return <Button size="small" onClick={(e) => show(e.currentTarget)}>{t("showAround")}</Button>;
}

function BatchFacts({ batch: n }: { batch: Api["BatchNode"] }) {
  const t = useWords(words);
  if (n.state === "missing") return <p>{t("missing")} <To to="/graph" search={{ task: n.task }}>{t("taskGraph")}</To></p>;
  return (
    <>
      <p><StandingTag standing={standingOf(n.state)} /></p>
      <dl className="facts">
        <div><dt>{t("started")}</dt><dd><Time at={n.startedAt} /></dd></div>
        <div><dt>{t("ran")}</dt><dd><Span from={n.startedAt} to={n.endedAt} /></dd></div>
        {n.host && <div><dt>{t("worker")}</dt><dd><To to={`/hosts/${enc(n.host)}`}>{n.host}</To></dd></div>}
        {(n.unmet ?? 0) > 0 && <div><dt>{t("unmet")}</dt><dd>{n.unmet}</dd></div>}
      </dl>
      <ul className="views-links">
        <li><To to={`/batches/${enc(n.ref)}`}>{t("openBatch")}</To></li>
        <li><To to={`/batches/${enc(n.ref)}`} search={{ tab: "why" }}>{t("why")}</To></li>
        <li><To to={`/batches/${enc(n.ref)}`} search={{ tab: "log" }}>{t("log")}</To></li>
        <li><To to="/graph" search={{ batch: n.ref }}>{t("focusHere")}</To></li>
        <li><To to="/graph" search={{ task: n.task }}>{t("taskGraph")}</To></li>
        <li><To to="/operations/rerun/new" search={{ batch: n.ref }}>{t("rerunOne")}</To></li>
      </ul>
    </>
  );
}

function GroupFacts({ node, group }: { node: Node; group: Api["GraphGroup"] }) {
  const t = useWords(words);
  return (
    <>
      <p>{t("tasksOf", { n: group.tasks })}</p>
      <ul className="views-links">
        {Object.entries(group.states ?? {}).map(([state, n]) => <li key={state}>{n} <StandingTag standing={standingOf(state)} /></li>)}
        {node.project !== undefined && <li><To to="/graph" search={{ project: node.project }}>{t("showTasks")}</To></li>}
      </ul>
    </>
  );
}

const few = 12;

function Around({ picture, index }: { picture: Picture; index: number }) {
  const t = useWords(words);
  const lists = [["parents", picture.parents[index]], ["children", picture.children[index]]] as const;
  return lists.map(([name, found]) => found && found.length > 0 && (
    <section key={name}>
      <h3>{t(name)} · {found.length}</h3>
      <ul className="views-links">
        {found.slice(0, few).map((i) => <li key={i}><Neighbour node={picture.nodes[i]} /></li>)}
        {found.length > few && <li className="faint">{t("andMore", { n: found.length - few })}</li>}
      </ul>
    </section>
  ));
}

function Neighbour({ node }: { node?: Node }) {
  if (!node) return null;
  const search = node.batch ? { batch: node.id } : { task: node.id };
  return <><span aria-hidden="true" className={`state state-${node.standing?.look ?? "waiting"}`}><span className="glyph">{node.standing ? glyphs[node.standing.look] : "·"}</span></span><To to="/graph" search={search}>{node.id}</To></>;
}
