import { useQuery } from "@tanstack/react-query";
import { Alert, AutoComplete, Input } from "antd";
import { memo } from "react";
import { type Api, api, body } from "../api/client";
import { useMay } from "../frame/session";
import { To } from "../ui/link";
import { span } from "../ui/time";
import { enc } from "../ui/url";
import { useLang, useWords } from "../ui/words";
import { Command } from "./commandbox";
import { type Inputs, requestOf } from "./inputs";
import { LeaveOut, leaver } from "./leaveout";
import { flawOf, forms, isPeriod, periods } from "./numbers";
import "./operations.css";
import { AskPlan, PlanSteps } from "./planstep";
import { planWords } from "./planwords";
import { usePlanning } from "./planning";
import { Range } from "./range";
import { byTask } from "./runs";
import { Choice, Field, Step } from "./step";
import { KnownTasks, TaskPick, useKnown } from "./taskpick";
import { useInputs } from "./useinputs";
import { words } from "./words";

const scopes = ["all", "project", "tasks"] as const;
const modes = ["all", "missing"] as const;

/** Makes the batches of past periods: of all tasks, of a project, or of a list. */
export default function ColdStart() {
  const t = useWords(planWords);
  const w = useWords(words);
  const may = useMay();
  const [inputs, set] = useInputs("coldstart");
  const period = isPeriod(inputs.period) ? inputs.period : "day";
  const request = requestOf({ ...inputs, period }, period);
  const planning = usePlanning(request);
  const flaw = useFlaw(inputs, request);
  const submit = () => flaw === undefined && void planning.plan(request);
  return (
    <>
      <div className="head">
        <To to="/operations">{w("operations")}</To>
        <h1>{t("coldstart")}</h1>
      </div>
      {!may("coldstart") && <Alert type="info" showIcon className="trouble" title={t("onlySuper")} />}
      <form onSubmit={(e) => { e.preventDefault(); submit(); }}>
        <Step n={1} title={t("stepTasks")}>
          <Choice label={t("period")} value={period} choose={(p) => set({ period: p })} options={periods.map((p) => ({ value: p, label: t(`period_${p}`) }))} />
          <Choice label={t("of")} value={inputs.of} choose={(of) => set({ of })} options={scopes.map((s) => ({ value: s, label: t(`of_${s}`) }))} />
          {inputs.of === "project" && <ProjectPick project={inputs.project} choose={(project) => set({ project })} />}
          {inputs.of === "tasks" && <TaskList inputs={inputs} choose={(tasks) => set({ tasks })} period={period} />}
        </Step>
        <Step n={2} title={t("stepRange")}>
          <Range inputs={inputs} set={set} period={period} />
        </Step>
        <Step n={3} title={t("stepOptions")}>
          <Choice label={t("mode")} value={inputs.mode} choose={(mode) => set({ mode })} options={modes.map((m) => ({ value: m, label: t(`mode_${m}`) }))} />
          <LeaveOut inputs={inputs} set={set} />
          <Field label={w("reason")}>{(id) => <Input id={id} value={inputs.reason} maxLength={400} placeholder={t("reasonHint")} onChange={(e) => set({ reason: e.target.value })} />}</Field>
          <Command request={request} />
          <AskPlan kind="coldstart" flaw={flaw} planning={planning} />
        </Step>
      </form>
      <PlanSteps kind="coldstart" n={4} planning={planning} request={request} exclude={leaver({ inputs: { ...inputs, period }, set }, period, planning)} above={(plan) => <ByTask plan={plan} />} />
    </>
  );
}

/** What a cold start lacks before it can be planned. */
function useFlaw(inputs: Inputs, request: Api["PlanRequest"]): string | undefined {
  const t = useWords(planWords);
  if (inputs.of === "tasks" && inputs.tasks.length === 0) return t("needTasks");
  if (inputs.of === "project" && inputs.project.trim() === "") return t("needProject");
  const period = isPeriod(inputs.period) ? inputs.period : "day";
  const range = flawOf({ from: request.from ?? "", to: request.to ?? "" }, period);
  if (range) return t(range, { form: forms[period].form });
  return inputs.reason.trim() === "" ? t("needReason") : undefined;
}

function TaskList({ inputs, choose, period }: { inputs: Inputs; choose: (tasks: string[]) => void; period: string }) {
  const t = useWords(planWords);
  return (
    <>
      <Field label={t("tasks")}>{(id) => <TaskPick id={id} names={inputs.tasks} choose={choose} period={period} />}</Field>
      <KnownTasks known={useKnown(inputs.tasks)} period={period} />
    </>
  );
}

function ProjectPick({ project, choose }: { project: string; choose: (project: string) => void }) {
  const t = useWords(planWords);
  const list = useQuery({ queryKey: ["project", "names"], queryFn: ({ signal }) => body(api.GET("/api/v1/projects", { params: { query: { limit: 500 } }, signal })) });
  const options = (list.data?.items ?? []).filter((p) => p.name.includes(project)).map((p) => ({ value: p.name, label: p.title ? `${p.name} · ${p.title}` : p.name }));
  return <Field label={t("project")} narrow>{(id) => <AutoComplete id={id} value={project} onChange={choose} options={options} />}</Field>;
}

/** A plan task by task, with the first and the last number of each. */
const ByTask = memo(function ByTask({ plan }: { plan: Api["Plan"] }) {
  const t = useWords(planWords);
  const lang = useLang();
  const sums = byTask(plan.items ?? []);
  return (
    <div className="scroll operations-bytask" tabIndex={0} role="region" aria-label={t("byTask")}>
      <table className="table">
        <thead>
          <tr>
            {[t("task"), t("numbersColumn")].map((title) => <th key={title} scope="col">{title}</th>)}
            {[t("count_create"), t("count_skip"), t("count_block"), t("expected")].map((title) => <th key={title} scope="col" className="num">{title}</th>)}
          </tr>
        </thead>
        <tbody>
          {sums.map((s) => (
            <tr key={s.task}>
              <td><To to={`/tasks/${enc(s.task)}`}>{s.task}</To></td>
              <td className="mono nowrap">{s.first === s.last ? s.first : `${s.first}..${s.last}`}</td>
              <td className="num">{s.create}</td>
              <td className="num">{s.skip}</td>
              <td className="num">{s.block}</td>
              <td className="num nowrap">{s.expected > 0 ? span(s.expected, lang) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
});
