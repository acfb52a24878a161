import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import type { Api } from "../api/client";
import { Act } from "../ui/act";
import { Ask } from "../ui/ask";
import { useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { MarkResult } from "./actions";
import { type Command, type Filter, type Meant, NothingMeant, applyPlan, makePlan } from "./bulkplan";
import "./bulk.css";
import { words } from "./bulkwords";
import { HoldEnd, untilOf } from "./holdend";
import { PlanShown } from "./planshown";

type Props = { refs: string[]; filter: Filter; all: boolean; setAll: (all: boolean) => void; clear: () => void };
type Plan = Api["Plan"];

const commands: Command[] = ["kill", "hold", "release", "mark"];

/** What can be done with many batches at once: a command is planned, shown, and applied as an operation. */
export default function Bulk({ refs, filter, all, setAll, clear }: Props) {
  const t = useWords(words);
  const [command, setCommand] = useState<Command>();
  const [plan, setPlan] = useState<Plan>();
  const meant: Meant = all ? { filter } : { refs };
  return (
    <div className="batches-bulk pieces" role="region" aria-label={t("about")}>
      <b role="status">{all ? t("matching") : t("selected", { n: refs.length })}</b>
      {commands.map((c) => <Act key={c} action="plan.make" size="small" danger={c === "kill"} onClick={() => setCommand(c)}>{t(c)}</Act>)}
      {!all && <Button size="small" type="link" onClick={() => setAll(true)}>{t("all")}</Button>}
      <Button size="small" type="text" onClick={clear}>{t("clear")}</Button>
      <AskPlan command={plan ? undefined : command} meant={meant} show={setPlan} close={() => setCommand(undefined)} />
      {plan && <AskApply plan={plan} command={plan.kind as Command} close={() => { setPlan(undefined); setCommand(undefined); }} />}
    </div>
  );
}

type Values = { reason?: string; hours?: number; result?: string };

function AskPlan({ command, meant, show, close }: { command?: Command; meant: Meant; show: (plan: Plan) => void; close: () => void }) {
  const t = useWords(words);
  async function act(kind: Command, { reason, hours, result }: Values) {
    try {
      show(await makePlan(kind, meant, { reason, until: kind === "hold" ? untilOf(hours) : undefined, result: kind === "mark" ? result : undefined }));
    } catch (error) {
      throw error instanceof NothingMeant ? new Error(t("nothing")) : error;
    }
  }
  return commands.map((kind) => (
    <Ask<Values>
      key={kind}
      open={command === kind}
      title={"refs" in meant ? t(meant.refs.length === 1 ? "planTitleOne" : "planTitle", { verb: t(kind), n: meant.refs.length }) : t("planTitleAll", { verb: t(kind) })}
      verb={t("plan")}
      reason={kind === "release" ? "optional" : "required"}
      initial={{ hours: 0, result: "success" }}
      act={(values) => act(kind, values)}
      close={command === kind ? close : () => undefined}
    >
      <p>{t(`${kind}About`)} {t("first")}</p>
      {kind === "hold" && <HoldEnd />}
      {kind === "mark" && <MarkResult ended={false} />}
    </Ask>
  ));
}

function AskApply({ plan, command, close }: { plan: Plan; command: Command; close: () => void }) {
  const t = useWords(words);
  const go = useGo();
  const queries = useQueryClient();
  const n = plan.counts.change + plan.counts.create;
  const verb = t(n === 1 ? "applyOne" : "apply", { verb: t(command), n });
  async function apply() {
    if (n === 0) return;
    const operation = await applyPlan(plan);
    void queries.invalidateQueries({ queryKey: ["batch"] });
    go(`/operations/${operation.id}`);
  }
  return (
    <Ask open title={verb} verb={n === 0 ? t("nothingToDo") : verb} danger={command === "kill"} act={apply} close={close}>
      <PlanShown plan={plan} />
    </Ask>
  );
}
