import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { type Api, Trouble, api, body } from "../api/client";
import { useGo } from "../ui/url";

type Request = Api["PlanRequest"];

/** A plan with the question that it answers. */
export type Planned = { plan: Api["Plan"]; asked: string };

const apply = (plan: Api["Plan"], key: string) =>
  body(api.POST("/api/v1/plans/{id}/apply", { params: { path: { id: plan.id } }, body: { fingerprint: plan.fingerprint }, headers: { "Idempotency-Key": key } }));

/** Whether an answer says that a plan has become stale. */
const isStale = (error: unknown): error is Trouble => error instanceof Trouble && error.code === "PLAN_STALE";

/** Plans, remembers what was seen, and applies exactly that; a plan that has become stale is made again and must be looked at anew. */
export function usePlanning(request: Request) {
  const go = useGo();
  const queries = useQueryClient();
  const [planned, setPlanned] = useState<Planned>();
  const [trouble, setTrouble] = useState<unknown>();
  const [stale, setStale] = useState<Trouble>();
  const [busy, setBusy] = useState<"plan" | "apply">();
  const latest = useRef(0);
  const refusals = useRef(0);
  const asked = JSON.stringify(request);

  async function make(wanted: Request) {
    const turn = ++latest.current;
    setBusy("plan");
    setTrouble(undefined);
    try {
      const plan = await body(api.POST("/api/v1/plans", { body: wanted }));
      if (turn === latest.current) setPlanned({ plan, asked: JSON.stringify(wanted) });
    } catch (error) {
      if (turn === latest.current) setTrouble(error);
    } finally {
      if (turn === latest.current) setBusy(undefined);
    }
  }

  const plan = async (wanted: Request) => {
    setStale(undefined);
    await make(wanted);
  };

  async function applyPlan() {
    if (!planned) return;
    setBusy("apply");
    setTrouble(undefined);
    try {
      const operation = await apply(planned.plan, `plan-${planned.plan.fingerprint}-${planned.plan.id}-${refusals.current}`);
      void queries.invalidateQueries({ queryKey: ["operation"] });
      go(`/operations/${operation.id}`);
    } catch (error) {
      setBusy(undefined);
      if (!(error instanceof Trouble) || (error.status > 0 && error.status < 500)) refusals.current++; // without an answer the same key asks what became of it
      if (!isStale(error)) return setTrouble(error);
      setStale(error);
      await make(request);
    }
  }

  return { planned, changed: planned !== undefined && planned.asked !== asked, trouble, stale, busy, plan, apply: () => void applyPlan() };
}

export type Planning = ReturnType<typeof usePlanning>;
