import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";
import { expectAccessible, expectCalm, expectNoSidewaysScroll, launch, login, open, phone } from "./browser";
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
const pages = () => ["/batches?range=allTime", `/batches/${encodeURIComponent(failed)}`];

async function visit(page: Page, path: string) {
  await page.goto(capri.url + path);
  await page.locator("main h1").first().waitFor();
  await page.waitForLoadState("networkidle", { timeout: 2_000 }).catch(() => undefined); // the stream of events never ends
  await page.locator(".ant-skeleton").first().waitFor({ state: "hidden" });
}

describe("every page", () => {
  for (const look of [{ lang: "en", mode: "light" }, { lang: "zh", mode: "dark" }] as const)
    it(`is accessible in ${look.lang}, ${look.mode}, and does what the policy allows`, async () => {
      const page = await open(browser, look);
      await login(page, capri);
      await page.waitForURL(/batches/);
      for (const path of pages()) {
        await visit(page, path);
        await expectAccessible(page, path);
        await expectNoSidewaysScroll(page, path);
      }
      expectCalm(page);
    });

  it("fits a phone", async () => {
    const page = await open(browser, { size: phone });
    await login(page, capri);
    await page.waitForURL(/batches/);
    for (const path of pages()) {
      await visit(page, path);
      await expectNoSidewaysScroll(page, path);
    }
  });
});
