import { type Capri, until } from "./capri";

type Batch = { ref: string; state: string; finish: string; workNo: string };

export const project = `apiVersion: capri/v1
kind: Project
metadata: {name: shop, title: Web shop}
`;

/** A task file of a daily task; its script is one line. */
export const dailyTask = (name: string, script: string, parent?: string) => `---
apiVersion: capri/v1
kind: Task
metadata: {name: ${name}, title: "Title of ${name}", project: shop, owner: admin}
spec:
  period: day
  valid: {from: 2026-01-01}
  retry: {times: 0}
${parent ? `  parents: [{task: ${parent}}]\n` : ""}  run: {type: shell, script: '${script}'}
`;

/** Two days of two tasks of which the first fails, so that the second waits. */
export async function brokenShop(capri: Capri): Promise<Batch> {
  await capri.apply(project + dailyTask("orders_d", "echo reading orders; echo no such table: orders >&2; exit 3") + dailyTask("revenue_d", "echo 42", "orders_d"));
  await capri.call("POST", "/tasks/revenue_d/run", {});
  await capri.call("POST", "/tasks/orders_d/run", {});
  await until("orders_d has failed", async () => (await batches(capri, "orders_d"))[0]?.finish === "failed");
  return (await batches(capri, "orders_d"))[0] as Batch;
}

/** The batches of a task, newest first. */
export async function batches(capri: Capri, task: string): Promise<Batch[]> {
  return (await capri.call<{ items: Batch[] }>("GET", `/batches?task=${task}`)).items;
}

/** What there is of everything that has a page of its own. */
export type Scene = { ref: string; alert: number; incident: string; operation: number };

/** The broken shop with an alert of it, its incident, and an operation that reran the batch. */
export async function everything(capri: Capri): Promise<Scene> {
  const { ref } = await brokenShop(capri);
  const first = async <T>(path: string) => (await capri.call<{ items: T[] }>("GET", path)).items[0];
  await until("the failure is told of", async () => (await first("/incidents")) !== undefined);
  const incident = (await first<{ code: string }>("/incidents"))?.code ?? "";
  const alert = (await first<{ id: number }>("/alerts"))?.id ?? 0;
  const plan = await capri.call<{ id: string; fingerprint: string }>("POST", "/plans", { kind: "rerun", tasks: ["orders_d"], from: "20260601", to: "20260602", reason: "missed" });
  const { id: operation } = await capri.call<{ id: number }>("POST", `/plans/${plan.id}/apply`, { fingerprint: plan.fingerprint });
  return { ref, alert, incident, operation };
}
