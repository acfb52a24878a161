import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { type Browser, type BrowserContext, type Page, chromium } from "playwright-core";
import { expect } from "vitest";
import type { Capri } from "./capri";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const desktop = { width: 1280, height: 720 };
export const phone = { width: 390, height: 844 };

export type Look = { lang?: "en" | "zh"; mode?: "light" | "dark"; size?: { width: number; height: number } };

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CAPRI_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });

/** What went wrong in a page by itself: scripts that failed, and what the policy refused. */
const complaints = new WeakMap<Page, string[]>();

/** A page of a fresh browser profile in a language, look and size. */
export async function open(browser: Browser, { lang = "en", mode = "light", size = desktop }: Look = {}): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ viewport: size, reducedMotion: "reduce" });
  await context.addInitScript(
    ([l, m]) => {
      localStorage.setItem("capri.lang", l);
      localStorage.setItem("capri.mode", m);
    },
    [lang, mode] as const,
  );
  const page = await context.newPage();
  const list: string[] = [];
  complaints.set(page, list);
  page.on("pageerror", (e) => list.push(String(e)));
  page.on("console", (m) => {
    if (m.type() === "error" && !m.text().startsWith("Failed to load resource")) list.push(m.text());
  });
  page.setDefaultTimeout(15_000);
  return page;
}

/** Expects that no script of the page failed and that the policy refused nothing. */
export function expectCalm(page: Page) {
  expect(complaints.get(page)).toEqual([]);
}

/** Logs in by the keyboard alone. */
export async function login(page: Page, capri: Capri, name = "admin", password = capri.password): Promise<void> {
  await page.goto(`${capri.url}/login`);
  await page.locator("#name").waitFor();
  await page.keyboard.type(name);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
}

/** What axe finds wrong of WCAG 2.2 A and AA. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> } };
    const found = await axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    return found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} (${n.failureSummary.split("\n")[1]?.trim()})`).join("; ")}`);
  });
}

/** By how much the page scrolls sideways, which it should not. */
export async function sidewaysScroll(page: Page): Promise<string[]> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return over > 0 ? [`scrolls sideways by ${over} pixels`] : [];
}

/** The cells of lists that are not wholly within the page's width, so that one would have to scroll to read them. */
export async function cutCells(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const cells = [...document.querySelectorAll("table.list td")].filter((td) => td.getBoundingClientRect().right > innerWidth);
    return cells.slice(0, 3).map((td) => `a cell is cut: ${td.getAttribute("data-title")} ${td.textContent?.slice(0, 60)}`);
  });
}
