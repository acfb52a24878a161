import { type Api, api, body } from "../api/client";

type Batch = Api["Batch"];
export type Command = "kill" | "hold" | "release" | "mark";
/** What the list is narrowed to. */
export type Filter = { task?: string; project?: string; state?: string; host?: string; operation?: number; late?: boolean; from?: string; to?: string };
/** The batches that are meant: those that were selected, or all that match the filter. */
export type Meant = { refs: string[] } | { filter: Filter };
export type Options = { reason?: string; until?: number; result?: string };

const most = 20_000; // what a plan may hold unless the setting says less
const page = 500;

/** Said when nothing is left to plan for. */
export class NothingMeant extends Error {}

/** Has the master plan a command for what is meant; nothing has changed by that. */
export async function makePlan(kind: Command, meant: Meant, { reason, until, result }: Options): Promise<Api["Plan"]> {
  const which = "refs" in meant ? meant : (chosenBy(kind, meant.filter) ?? { refs: await gather(kind, meant.filter) });
  if ("refs" in which && which.refs.length === 0) throw new NothingMeant();
  return body(api.POST("/api/v1/plans", { body: { kind, ...which, reason, until, result } }));
}

/** The filter as the master chooses by it itself, where it means the same there. */
function chosenBy(kind: Command, { task, project, state, host, operation, late, from, to }: Filter) {
  if (late || from || to || kind === "mark" || isResult(state)) return undefined;
  const chosen = { tasks: task ? [task] : undefined, project, state, host, operation };
  return Object.values(chosen).some((value) => value !== undefined) ? chosen : undefined;
}

const isResult = (state?: string) => state !== undefined && !["waiting", "assigned", "running"].includes(state);

/** The names of all batches that match and that the command can be about: of runs that count, and ended ones for a mark alone. */
async function gather(kind: Command, filter: Filter): Promise<string[]> {
  const refs: string[] = [];
  let cursor: string | undefined;
  do {
    const found = await body(api.GET("/api/v1/batches", { params: { query: { ...filter, latest: true, limit: page, cursor } } }));
    refs.push(...(found.items ?? []).filter((b) => concerns(kind, b)).map((b) => b.ref));
    cursor = found.next || undefined;
  } while (cursor !== undefined && refs.length <= most);
  return refs;
}

function concerns(kind: Command, b: Batch): boolean {
  if (kind === "mark") return b.state === "waiting" || b.state === "done";
  return b.state !== "done";
}

/** Does what the plan says, unless the batches stand otherwise now. */
export const applyPlan = (plan: Api["Plan"]) => body(api.POST("/api/v1/plans/{id}/apply", { params: { path: { id: plan.id } }, body: { fingerprint: plan.fingerprint }, headers: { "Idempotency-Key": `plan-${plan.fingerprint}-${plan.id}` } }));
