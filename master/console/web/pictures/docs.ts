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
  { name: "batches", path: () => "/batches?range=allTime", ready: (page) => page.getByRole("row").nth(8).waitFor() },
  { name: "why", path: () => `/batches/${ref}?tab=why`, ready: (page) => page.getByText("exit code 3").first().waitFor() },
  { name: "grid", mode: "dark", path: () => "/batches/grid?period=hour&from=2015-05-18&to=2015-05-19", ready: (page) => page.locator("canvas").first().waitFor() },
  { name: "phone", size: phone, mode: "dark", path: () => `/batches/${ref}`, ready: (page) => page.getByText("orders_d").first().waitFor() },
];

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
