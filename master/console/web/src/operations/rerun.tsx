import { Input } from "antd";
import { useState } from "react";
import { To } from "../ui/link";
import { useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { Command } from "./commandbox";
import { chosenBatches, requestOf } from "./inputs";
import { LeaveOut, leaver } from "./leaveout";
import { flawOf, forms, isPeriod } from "./numbers";
import "./operations.css";
import { AskPlan, PlanSteps } from "./planstep";
import { planWords } from "./planwords";
import { usePlanning } from "./planning";
import { Range } from "./range";
import { Choice, Field, Step } from "./step";
import { KnownTasks, TaskPick, useKnown } from "./taskpick";
import { useInputs } from "./useinputs";
import { words } from "./words";

const cascades = ["none", "data", "logic", "all"] as const;
const modes = ["all", "failed", "missing"] as const;

/** Makes batches of a range again, with what was made from them: the plan first, then what was seen. */
export default function Rerun() {
  const t = useWords(planWords);
  const w = useWords(words);
  const [inputs, set] = useInputs("rerun");
  const known = useKnown(inputs.tasks);
  const first = known.find((k) => k.task)?.task?.period;
  const period = isPeriod(first) ? first : undefined;
  const request = requestOf(inputs, period);
  const planning = usePlanning(request);
  const range = flawOf({ from: request.from ?? "", to: request.to ?? "" }, period);
  const flaw = inputs.tasks.length === 0 ? t("needTasks") : range ? t(range, { form: period ? forms[period].form : "" }) : inputs.reason.trim() === "" ? t("needReason") : undefined;
  const submit = () => flaw === undefined && void planning.plan(request);
  return (
    <>
      <div className="head">
        <To to="/operations">{w("operations")}</To>
        <h1>{t("rerun")}</h1>
      </div>
      <form onSubmit={(e) => { e.preventDefault(); submit(); }}>
        <Step n={1} title={t("stepTasks")}>
          <Field label={t("tasks")}>{(id) => <TaskPick id={id} names={inputs.tasks} choose={(tasks) => set({ tasks })} period={period} />}</Field>
          <KnownTasks known={known} period={period} />
        </Step>
        <Step n={2} title={t("stepRange")}>
          <Range inputs={inputs} set={set} period={period} />
          <FromBatches />
        </Step>
        <Step n={3} title={t("stepScope")}>
          <Choice label={t("cascade")} value={inputs.cascade} choose={(cascade) => set({ cascade })} options={cascades.map((c) => ({ value: c, label: t(`cascade_${c}`) }))} />
          <p className="operations-note">{t("cascadeHint")}</p>
          <LeaveOut inputs={inputs} set={set} />
        </Step>
        <Step n={4} title={t("stepOptions")}>
          <Choice label={t("mode")} value={inputs.mode} choose={(mode) => set({ mode })} options={modes.map((m) => ({ value: m, label: t(`mode_${m}`) }))} />
          <Field label={w("reason")}>{(id) => <Input id={id} value={inputs.reason} maxLength={400} placeholder={t("reasonHint")} onChange={(e) => set({ reason: e.target.value })} />}</Field>
          <Command request={request} />
          <AskPlan kind="rerun" flaw={flaw} planning={planning} />
        </Step>
      </form>
      <PlanSteps kind="rerun" n={5} planning={planning} request={request} exclude={leaver({ inputs, set }, period, planning)} />
    </>
  );
}

/** Says that a range covers more than the batches that the wizard was opened with. */
function FromBatches() {
  const t = useWords(planWords);
  const [url] = useUrl();
  const [chosen] = useState(() => chosenBatches(url.batch));
  if (chosen.length < 2) return null;
  const numbers = chosen.map((b) => b.workNo).sort();
  return <p className="operations-heed">{t("fromBatches", { n: chosen.length, tasks: new Set(chosen.map((b) => b.task)).size, from: numbers[0] ?? "", to: numbers.at(-1) ?? "" })}</p>;
}
