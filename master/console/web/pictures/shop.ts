import { type Capri, until } from "../test/capri";
import { type Scene, batches, dailyTask, everything } from "../test/world";

/** A shop in which a task failed, one waits for it, one runs and some are done. */
export async function livelyShop(capri: Capri): Promise<Scene> {
  const scene = await everything(capri);
  await capri.apply(dailyTask("customers_d", "echo 12 new customers") + dailyTask("stock_d", "echo counting; sleep 300") + dailyTask("report_d", "echo done", "revenue_d"));
  for (const task of ["customers_d", "stock_d", "report_d"]) await capri.call("POST", `/tasks/${task}/run`, {});
  await until("customers_d is done", async () => (await batches(capri, "customers_d"))[0]?.finish === "success");
  await until("stock_d runs", async () => (await batches(capri, "stock_d"))[0]?.state === "running");
  return scene;
}
