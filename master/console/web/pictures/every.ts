import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, it } from "vitest";
import { desktop, launch, login, open, phone } from "../test/browser";
import { Capri } from "../test/capri";
import { everyPage, visit } from "../test/routes";
import type { Scene } from "../test/world";
import { livelyShop } from "./shop";

let capri: Capri;
let browser: Browser;
let scene: Scene;

beforeAll(async () => {
  [capri, browser] = await Promise.all([Capri.start("--demo", "weblog"), launch()]);
  scene = await livelyShop(capri);
});

afterAll(async () => {
  await browser?.close();
  await capri?.stop();
});

const looks = [
  { name: "light", lang: "en", mode: "light", size: desktop },
  { name: "dark", lang: "zh", mode: "dark", size: desktop },
  { name: "phone-light", lang: "zh", mode: "light", size: phone },
  { name: "phone-dark", lang: "en", mode: "dark", size: phone },
] as const;

it.each(looks)("pictures of every page, $name", async ({ name, ...look }) => {
  const dir = join(process.env.PICTURES_DIR ?? "pictures", name);
  mkdirSync(dir, { recursive: true });
  const page = await open(browser, look);
  await login(page, capri);
  await page.waitForURL(/batches/);
  for (const path of ["/login", ...everyPage(scene)]) {
    if (path === "/login") await page.goto(capri.url + path);
    else await visit(page, capri.url + path);
    await page.evaluate(() => document.fonts.ready);
    const file = path.replace(encodeURIComponent(scene.ref), "REF").replace(/[/?=&%]+/g, "_").replace(/^_|_$/g, "");
    await page.screenshot({ path: join(dir, `${file}.png`), fullPage: true });
  }
});
