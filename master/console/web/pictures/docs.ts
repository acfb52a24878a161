import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { type Look, desktop, launch, login, open, phone } from "../test/browser";
import { Capri } from "../test/capri";
import { visit } from "../test/routes";
import { livelyShop } from "./shop";

const dir = process.env.PICTURES_DIR ?? resolve(import.meta.dirname, "../../../../docs/pictures");

let capri: Capri;
let browser: Browser;
let ref = "";

beforeAll(async () => {
  [capri, browser] = await Promise.all([Capri.start("--demo", "weblog"), launch()]);
  ref = encodeURIComponent((await livelyShop(capri)).ref);
});

afterAll(async () => {
  await browser?.close();
  await capri?.stop();
});

type Picture = Look & { name: string; path: () => string; ready: (page: Page) => Promise<unknown> };

const pictures: Picture[] = [
  { name: "batches", path: () => "/batches?range=week", ready: (page) => page.getByRole("button", { name: "Download CSV" }).waitFor() },
  { name: "why", path: () => `/batches/${ref.replace("orders_d", "report_d")}?tab=why`, ready: (page) => page.getByText("root cause").first().waitFor() },
  { name: "grid", mode: "dark", path: () => "/batches/grid?period=hour", ready: (page) => page.locator("canvas").first().waitFor() },
  { name: "plan", path: () => `/operations/rerun/new?batch=${ref}`, ready: plan },
  { name: "phone", size: phone, mode: "dark", path: () => `/batches/${ref}`, ready: (page) => page.getByText("exit code 3").first().waitFor() },
];

/** Has a rerun planned with everything that hangs on the batch. */
async function plan(page: Page) {
  await page.getByRole("radio", { name: "and both: by data and by logic" }).check();
  await page.getByRole("textbox", { name: "Reason" }).fill("the table of orders was late");
  await page.getByRole("button", { name: "Show the plan" }).click();
  await page.getByRole("button", { name: /^Rerun \d+ batch/ }).scrollIntoViewIfNeeded();
}

it.each(pictures)("picture of $name", async ({ name, path, ready, ...look }) => {
  const page = await open(browser, { lang: "en", mode: "light", size: desktop, ...look });
  await login(page, capri);
  await page.waitForURL(/batches/);
  await visit(page, capri.url + path());
  await ready(page);
  await page.getByText("Live", { exact: true }).or(page.locator(".live.live")).first().waitFor({ state: "attached" });
  await page.evaluate(() => document.fonts.ready);
  writeFileSync(join(dir, `${name}.webp`), await webp(page));
});

/** A picture of what is seen, as small as WebP makes it. */
async function webp(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 70 });
  return Buffer.from(data, "base64");
}
