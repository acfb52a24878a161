import type { Page } from "playwright-core";
import type { Scene } from "./world";

const hour = 3_600_000;

/** The address of every page there is, of what a scene has; every tab of it, and both ways to look at a picture. */
export function everyPage({ ref, alert, incident, operation }: Scene): string[] {
  const tabs = (path: string, ...names: string[]) => [path, ...names.map((name) => `${path}?tab=${name}`)];
  return [
    "/batches?range=allTime",
    ...tabs(`/batches/${encodeURIComponent(ref)}`, "why", "depends", "attempts", "log", "events", "alerts", "audit"),
    "/batches/grid",
    "/batches/gantt",
    "/graph",
    "/graph?as=table",
    "/tasks",
    ...tabs("/tasks/orders_d", "runs", "calendar", "depends", "config", "versions", "alerts"),
    "/tasks/new",
    "/tasks/orders_d/edit",
    "/operations",
    `/operations/${operation}`,
    `/operations/rerun/new?batch=${encodeURIComponent(ref)}`,
    "/operations/coldstart/new",
    "/hosts",
    "/hosts/w1",
    "/masters",
    "/services",
    "/worker-groups",
    ...tabs("/alerts", "history", "silences", "explain", "channels"),
    `/alerts/${alert}`,
    `/incidents/${incident}`,
    `/a/${incident}`,
    "/duty",
    "/reports",
    `/reports?at=${Math.floor(Date.now() / hour) * hour - hour}`,
    ...["", "/users", "/users/admin", "/departments", "/projects", "/projects/shop", "/accounts", "/tokens", "/sessions", "/settings", "/audit", "/permissions", "/me"].map((part) => `/admin${part}`),
    "/no/such/page",
  ];
}

/** Opens a page and waits until it shows what it is of. */
export async function visit(page: Page, url: string) {
  await page.goto(url);
  await page.locator("main h1").first().waitFor();
  await page.locator(".ant-skeleton").first().waitFor({ state: "hidden" });
}
