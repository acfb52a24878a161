import { useQueryClient } from "@tanstack/react-query";
import createClient from "openapi-fetch";
import { useRef, useState } from "react";
import { type Api, Trouble, api, body } from "../api/client";
import type { paths } from "../api/schema";
import { useGo } from "../ui/url";

type Request = Api["PlanRequest"];

/** A plan with the question that it answers. */
export type Planned = { plan: Api["Plan"]; asked: string };

/** What was different when a plan was applied that the world had overtaken. */
export type Stale = { sentence: string; difference: string[] };

class StalePlan extends Error {
  constructor(readonly stale: Stale) {
    super(stale.sentence);
  }
}

// A problem of this call says more than others: the difference.
const plain = createClient<paths>({ baseUrl: "/" });

async function apply(plan: Api["Plan"], key: string): Promise<Api["Operation"]> {
  const { data, error, response } = await plain
    .POST("/api/v1/plans/{id}/apply", { params: { path: { id: plan.id } }, body: { fingerprint: plan.fingerprint }, headers: { "Idempotency-Key": key } })
    .catch((failed: unknown) => {
      throw new Trouble(0, "NO_ANSWER", String(failed));
    });
  if (data) return data;
  const problem = error as Partial<Api["Problem"]> | undefined;
  const sentence = problem?.detail ?? problem?.title ?? response.statusText;
  if (problem?.code === "PLAN_STALE") throw new StalePlan({ sentence, difference: problem.difference ?? [] });
  throw new Trouble(response.status, problem?.code ?? `HTTP_${response.status}`, sentence, problem?.hint ?? "", problem?.requestId ?? response.headers.get("X-Request-Id") ?? "");
}

/** Plans, remembers what was seen, and applies exactly that; a plan that has become stale is made again and must be looked at anew. */
export function usePlanning(request: Request) {
  const go = useGo();
  const queries = useQueryClient();
  const [planned, setPlanned] = useState<Planned>();
  const [trouble, setTrouble] = useState<unknown>();
  const [stale, setStale] = useState<Stale>();
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
      if (error instanceof Trouble && error.status === 401) void queries.invalidateQueries({ queryKey: ["me"] }); // leads to the login page
      if (!(error instanceof StalePlan)) return setTrouble(error);
      setStale(error.stale);
      await make(request);
    }
  }

  return { planned, changed: planned !== undefined && planned.asked !== asked, trouble, stale, busy, plan, apply: () => void applyPlan() };
}

export type Planning = ReturnType<typeof usePlanning>;
