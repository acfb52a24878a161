import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectCalm, launch, login, open, phone, sidewaysScroll, violations } from "./browser";
import { Capri } from "./capri";
import { brokenShop } from "./world";

let capri: Capri;
let browser: Browser;
let failed = "";

beforeAll(async () => {
  [capri, browser] = await Promise.all([Capri.start("--demo", "weblog"), launch()]);
  failed = (await brokenShop(capri)).ref;
});

afterAll(async () => {
  await browser?.close();
  await capri?.stop();
});

/** Every page there is, with what it is of. */
const pages = () => {
  const batch = `/batches/${encodeURIComponent(failed)}`;
  return [
    "/batches?range=allTime",
    ...["", "?tab=why", "?tab=depends", "?tab=attempts", "?tab=log", "?tab=events", "?tab=alerts", "?tab=audit"].map((tab) => batch + tab),
    "/batches/grid",
    "/batches/gantt",
    "/graph",
    "/graph?as=table",
    "/tasks",
    ...["", "?tab=runs", "?tab=calendar", "?tab=depends", "?tab=config", "?tab=versions", "?tab=alerts"].map((tab) => `/tasks/orders_d${tab}`),
    "/tasks/new",
    "/tasks/orders_d/edit",
    "/operations",
    `/operations/rerun/new?batch=${encodeURIComponent(failed)}`,
    "/operations/coldstart/new",
    "/hosts",
    "/hosts/w1",
    "/masters",
    "/services",
    "/worker-groups",
    ...["", "?tab=history", "?tab=silences", "?tab=explain", "?tab=channels"].map((tab) => `/alerts${tab}`),
    "/duty",
    "/reports",
    ...["", "/users", "/departments", "/projects", "/accounts", "/tokens", "/sessions", "/settings", "/audit", "/permissions", "/me"].map((part) => `/admin${part}`),
  ];
};

async function visit(page: Page, path: string) {
  await page.goto(capri.url + path);
  await page.locator("main h1").first().waitFor();
  await page.locator(".ant-skeleton").first().waitFor({ state: "hidden" });
}

describe("every page", () => {
  for (const look of [{ lang: "en", mode: "light" }, { lang: "zh", mode: "dark" }] as const)
    it(`is accessible in ${look.lang}, ${look.mode}, and does what the policy allows`, { timeout: 300_000 }, async () => {
      const page = await open(browser, look);
      await login(page, capri);
      await page.waitForURL(/batches/);
      const wrong: string[] = [];
      for (const path of pages()) {
        await visit(page, path);
        wrong.push(...(await violations(page)).map((v) => `${path}: ${v}`), ...(await sidewaysScroll(page)).map((v) => `${path}: ${v}`));
      }
      expect(wrong).toEqual([]);
      expectCalm(page);
    });

  it("fits a phone", { timeout: 300_000 }, async () => {
    const page = await open(browser, { size: phone });
    await login(page, capri);
    await page.waitForURL(/batches/);
    const wrong: string[] = [];
    for (const path of pages()) {
      await visit(page, path);
      wrong.push(...(await sidewaysScroll(page)).map((v) => `${path}: ${v}`));
    }
    expect(wrong).toEqual([]);
  });
});
