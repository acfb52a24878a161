import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cutCells, expectCalm, launch, login, open, phone, sidewaysScroll, violations } from "./browser";
import { pages } from "../src/pages";
import { Capri } from "./capri";
import { everyPage, visit } from "./routes";
import { type Scene, everything } from "./world";

let capri: Capri;
let browser: Browser;
let scene: Scene;

beforeAll(async () => {
  [capri, browser] = await Promise.all([Capri.start("--demo", "weblog"), launch()]);
  scene = await everything(capri);
});

afterAll(async () => {
  await browser?.close();
  await capri?.stop();
});

describe("every page", () => {
  it("is visited", () => {
    const visited = everyPage(scene).map((path) => path.replace(/\?.*/, ""));
    const shape = (path: string) => new RegExp(`^${path.replace(/\$\w+/g, "[^/]+")}$`);
    expect(pages.map((p) => p.path).filter((path) => !visited.some((at) => shape(path).test(at)))).toEqual([]);
  });

  for (const look of [{ lang: "en", mode: "light" }, { lang: "zh", mode: "dark" }] as const)
    it(`is accessible in ${look.lang}, ${look.mode}, and does what the policy allows`, { timeout: 300_000 }, async () => {
      const page = await open(browser, look);
      await login(page, capri);
      await page.waitForURL(/batches/);
      const wrong: string[] = [];
      for (const path of everyPage(scene)) {
        await visit(page, capri.url + path);
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
    for (const path of everyPage(scene)) {
      await visit(page, capri.url + path);
      wrong.push(...(await sidewaysScroll(page)).map((v) => `${path}: ${v}`), ...(await cutCells(page)).map((v) => `${path}: ${v}`));
    }
    expect(wrong).toEqual([]);
  });
});
