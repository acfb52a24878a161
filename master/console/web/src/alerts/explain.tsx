import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button, Input, Select, Skeleton } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { Fact } from "../ui/fact";
import { To } from "../ui/link";
import { SmallTable } from "../ui/smalltable";
import { TroubleBox } from "../ui/trouble";
import { enc, useUrl } from "../ui/url";
import { useLang, useWords } from "../ui/words";
import { KindChoices } from "./kinds";
import { LevelTag, channelCodes, levels, useCode } from "./parts";
import { words } from "./words";

type Question = { task?: string; kind?: string; level?: string };

/** Who would be told of an alert, who not and why, by which rule. */
export function Explain() {
  const t = useWords(words);
  const lang = useLang();
  const [url, set] = useUrl();
  const question: Question = { task: url.task || undefined, kind: url.kind || undefined, level: url.level || undefined };
  const asked = Boolean(question.task || question.level);
  const q = useQuery({
    queryKey: ["alert", "explain", question, lang],
    queryFn: ({ signal }) => body(api.POST("/api/v1/alerts/explain", { body: { ...question, lang }, signal })),
    enabled: asked,
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <p className="faint">{t("explainWhat")}</p>
      <Asking key={`${url.task} ${url.kind} ${url.level}`} question={question} ask={(to) => set({ task: to.task, kind: to.kind, level: to.level }, true)} />
      {!asked && <div className="empty">{t("needOne")}</div>}
      {asked && q.error && <TroubleBox trouble={q.error} retry={() => void q.refetch()} stillShown={q.data !== undefined} />}
      {asked && q.isLoading && <Skeleton active title={false} paragraph={{ rows: 5 }} />}
      {asked && q.data && <Answer answer={q.data} />}
    </>
  );
}

function Asking({ question, ask }: { question: Question; ask: (question: Question) => void }) {
  const t = useWords(words);
  const [task, setTask] = useState(question.task ?? "");
  const [kind, setKind] = useState(question.kind ?? "");
  const [level, setLevel] = useState(question.level ?? "");
  return (
    <form
      className="alerts-fields alerts-box"
      onSubmit={(e) => {
        e.preventDefault();
        ask({ task: task.trim() || undefined, kind: kind.trim() || undefined, level: level || undefined });
      }}
    >
      <label>{t("taskName")}<Input value={task} onChange={(e) => setTask(e.target.value)} style={{ width: 220 }} /></label>
      <label>{t("kind")}<Input value={kind} list="alerts-explain-kinds" autoComplete="off" placeholder={t("kindAny")} onChange={(e) => setKind(e.target.value)} style={{ width: 220 }} /></label>
      <KindChoices id="alerts-explain-kinds" />
      <label>
        {t("level")}
        <Select aria-label={t("level")} value={level} onChange={setLevel} style={{ width: 200 }} options={[{ value: "", label: t("levelOfKind") }, ...levels.map((l) => ({ value: l, label: l === "task" ? t("levelTask") : t(l) }))]} />
      </label>
      <Button type="primary" htmlType="submit" disabled={task.trim() === "" && level === ""}>{t("ask")}</Button>
    </form>
  );
}

function Answer({ answer }: { answer: Api["AlertExplanation"] }) {
  const t = useWords(words);
  const channel = useCode(channelCodes);
  const told = answer.told ?? [];
  const untold = answer.untold ?? [];
  return (
    <>
      <dl className="facts alerts-box">
        <Fact name={t("level")}><LevelTag level={answer.level} /></Fact>
        <Fact name={t("goesBy")}>{answer.byTask ? t("byTask") : t("byAdmins")}</Fact>
        {answer.task && <Fact name={t("taskName")}><To to={`/tasks/${enc(answer.task)}`}>{answer.task}</To></Fact>}
        {answer.task && <Fact name={t("priority")}>{answer.priority}</Fact>}
        {answer.owner && <Fact name={t("owner")}>{answer.owner}</Fact>}
        {answer.duty && <Fact name={`${t("dutyOf")}, ${answer.day}`}><OnDuty duty={answer.duty} /></Fact>}
        <Fact name={`${t("platformDuty")}, ${answer.day}`}><OnDuty duty={answer.platform} /></Fact>
      </dl>
      <h2>{t("toldList")} ({told.length})</h2>
      <SmallTable
        label={t("toldList")}
        rows={told}
        idOf={(r, i) => `${i} ${r.channel}`}
        empty={t("nobodyTold")}
        columns={[
          { key: "whom", title: t("whom"), show: (r) => (r.user ? <>{r.user} <span className="faint">{r.title}</span></> : <span className="faint">{t("nobodys")}</span>) },
          { key: "channel", title: t("byChannel"), className: "nowrap", show: (r) => channel(r.channel) },
          { key: "address", title: t("address"), show: (r) => <span className="alerts-wrap">{r.address}</span> },
          { key: "department", title: t("department"), show: (r) => r.department ?? "–" },
          { key: "rule", title: t("rule"), show: (r) => <>{r.because} <code className="faint">{r.rule}</code></> },
        ]}
      />
      <h2>{t("untoldList")} ({untold.length})</h2>
      <SmallTable
        label={t("untoldList")}
        rows={untold}
        idOf={(r, i) => `${i} ${r.channel}`}
        empty={t("allCan")}
        columns={[
          { key: "whom", title: t("whom"), show: (r) => r.user ?? <span className="faint">{t("nobody")}</span> },
          { key: "channel", title: t("byChannel"), className: "nowrap", show: (r) => channel(r.channel) },
          { key: "why", title: t("why"), show: (r) => <>✕ {r.why} <code className="faint">{r.reason}</code></> },
          { key: "rule", title: t("rule"), show: (r) => <>{r.because} <code className="faint">{r.rule}</code></> },
        ]}
      />
    </>
  );
}

function OnDuty({ duty }: { duty: Api["AlertDuty"] }) {
  const t = useWords(words);
  if (!duty.department) return <span className="faint">{t("noDepartment")}</span>;
  return (
    <span className="alerts-wrap">
      <To to="/duty" search={{ department: duty.department }}>{duty.department}</To>: {t("primary")} {duty.primary ?? t("nobody")}, {t("secondary")} {duty.secondary ?? t("nobody")}
    </span>
  );
}
