import { lookOf } from "../ui/states";
import { Span, Time } from "../ui/time";
import { useWords } from "../ui/words";
import { words } from "./detailwords";
import type { Batch, Why } from "./reads";
import { type Step, stepsOf } from "./steps";

/** The way of the batch, step by step with its times. */
export function Strip({ b, why }: { b: Batch; why?: Why }) {
  const t = useWords(words);
  const steps = stepsOf(b, why);
  return (
    <ol className="batches-strip" aria-label={t("way")}>
      {steps.map((step, i) => (
        <li key={step.name} className={`state-${lookAt(step, b)}${step.at === undefined ? " open" : ""}`} aria-current={step.here ? "step" : undefined}>
          <span className="mark" aria-hidden="true">{step.at === undefined ? "○" : step.here && b.state !== "done" ? "◉" : "●"}</span>
          <b>{t(step.name === "running" ? "startedRunning" : step.name)}</b>
          <span className="when">
            {step.at === undefined ? t("notYet") : <Time at={step.at} />}
            <Took step={step} before={steps[i - 1]} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function Took({ step, before }: { step: Step; before?: Step }) {
  if (step.at === undefined || before?.at === undefined || step.at <= before.at) return null;
  return <span className="faint"> +<Span from={before.at} to={step.at} /></span>;
}

function lookAt(step: Step, b: Batch): string {
  if (step.at === undefined) return "waiting";
  return step.here ? lookOf(b) : "ok";
}
