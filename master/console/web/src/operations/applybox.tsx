import { Alert, Button, Input } from "antd";
import { useState } from "react";
import type { Api } from "../api/client";
import { Act } from "../ui/act";
import { useNow } from "../ui/time";
import { useGo } from "../ui/url";
import { useWords } from "../ui/words";
import type { Kind } from "./inputs";
import { planWords } from "./planwords";
import type { Planning } from "./planning";
import { Field } from "./step";
import { useKnown } from "./taskpick";

const manyBatches = 50;

/** Whether a plan is severe: many batches, or more than one project; undefined until the projects are known. More tasks than that are many batches anyhow. */
function useSevere(plan: Api["Plan"], kind: Kind): boolean | undefined {
  const many = plan.counts.create > manyBatches;
  const tasks = many ? [] : [...new Set((plan.items ?? []).filter((i) => i.decision === "create").map((i) => i.task))];
  const known = useKnown(tasks);
  const projects = new Set(known.flatMap((k) => (k.task ? [k.task.project] : [])));
  if (kind === "coldstart" || many || projects.size > 1) return true;
  return known.every((k) => k.task || k.missing) ? false : undefined;
}

type Props = { kind: Kind; planning: Planning; plan: Api["Plan"]; again: () => void };

/** The last step: what was seen is made, after a typed phrase when it is severe. */
export function ApplyBox({ kind, planning, plan, again }: Props) {
  const t = useWords(planWords);
  const go = useGo();
  const n = plan.counts.create;
  const phrase = `${kind === "rerun" ? "rerun" : "cold start"} ${n} ${n === 1 ? "batch" : "batches"}`;
  const severe = useSevere(plan, kind);
  const [typed, setTyped] = useState("");
  const expired = useNow(true) >= plan.expiresAt;
  if (n === 0) return <p>{t("nothing")} {plan.counts.block > 0 && t("blockedNote", { n: plan.counts.block })}</p>;
  const verb = kind === "rerun" ? (n === 1 ? t("doRerunOne") : t("doRerun", { n })) : n === 1 ? t("doColdstartOne") : t("doColdstart", { n });
  const old = planning.changed || expired;
  const ready = !old && (severe === false || typed.trim() === phrase) && planning.busy === undefined;
  return (
    <form onSubmit={(e) => { e.preventDefault(); if (ready) planning.apply(); }}>
      {old && <Alert type="warning" showIcon className="trouble" title={planning.changed ? t("changedInputs") : t("expired")} action={<Button size="small" onClick={again}>{t("planAgain")}</Button>} />}
      {plan.counts.block > 0 && <p className="operations-heed">{t("blockedNote", { n: plan.counts.block })}</p>}
      {severe && (
        <Field label={t("typePhrase", { phrase })}>
          {(id) => <Input id={id} className="mono" value={typed} onChange={(e) => setTyped(e.target.value)} autoComplete="off" style={{ maxWidth: 360 }} />}
        </Field>
      )}
      <div className="operations-last">
        <Button onClick={() => go("/operations")}>{t("cancel")}</Button>
        <Act action={kind === "rerun" ? "plan.make" : "coldstart"} type="primary" htmlType="submit" disabled={!ready} loading={planning.busy === "apply"}>{verb}</Act>
      </div>
    </form>
  );
}
