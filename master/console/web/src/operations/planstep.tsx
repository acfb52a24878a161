import { Skeleton } from "antd";
import { type ReactNode, useEffect, useRef } from "react";
import type { Api } from "../api/client";
import { Act } from "../ui/act";
import { TroubleBox } from "../ui/trouble";
import { useWords } from "../ui/words";
import { ApplyBox } from "./applybox";
import type { Kind } from "./inputs";
import { planWords } from "./planwords";
import type { Planning } from "./planning";
import { Preview, StaleNotice, Summary } from "./preview";
import { Step } from "./step";

type AskPlanProps = { kind: Kind; flaw: string | undefined; planning: Planning };

/** The button that plans, with what is missing before it can. */
export function AskPlan({ kind, flaw, planning }: AskPlanProps) {
  const t = useWords(planWords);
  return (
    <div className="operations-last">
      <Act action={kind === "rerun" ? "plan.make" : "coldstart"} type={planning.planned && !planning.changed ? "default" : "primary"} htmlType="submit" disabled={flaw !== undefined} loading={planning.busy === "plan"}>
        {planning.planned ? t("planAgain") : t("plan")}
      </Act>
      {flaw && <span className="faint" role="status">{t("notYet", { what: flaw })}</span>}
    </div>
  );
}

type Props = { kind: Kind; n: number; planning: Planning; request: Api["PlanRequest"]; exclude: (names: string[]) => void; above?: (plan: Api["Plan"]) => ReactNode };

/** The plan as it was made, and the step that applies it. */
export function PlanSteps({ kind, n, planning, request, exclude, above }: Props) {
  const t = useWords(planWords);
  const heading = useRef<HTMLHeadingElement>(null);
  const plan = planning.planned?.plan;
  const id = plan?.id;
  useEffect(() => {
    if (id !== undefined) heading.current?.focus();
  }, [id]);
  const again = () => void planning.plan(request);
  return (
    <>
      <Step n={n} title={t("stepPlan")} headingRef={heading}>
        {planning.stale && <StaleNotice stale={planning.stale} />}
        {planning.trouble !== undefined && <TroubleBox trouble={planning.trouble} stillShown={plan !== undefined} />}
        {!plan && planning.busy === "plan" && <Skeleton active title={false} paragraph={{ rows: 5 }} aria-label={t("planning")} />}
        {!plan && planning.busy !== "plan" && <p className="faint">{t("planFirst")}</p>}
        {plan && <Summary plan={plan} />}
        {plan && above?.(plan)}
        {plan && <Preview plan={plan} exclude={exclude} />}
      </Step>
      {plan && (
        <Step n={n + 1} title={t("stepApply")}>
          <ApplyBox key={plan.id} kind={kind} planning={planning} plan={plan} again={again} />
        </Step>
      )}
    </>
  );
}
