import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectCalm, launch, login, open, violations } from "./browser";
import { Capri } from "./capri";
import { dailyTask } from "./world";

let capri: Capri;
let browser: Browser;

const project = "apiVersion: capri/v1\nkind: Project\nmetadata: {name: shop, title: Web shop}\n";

beforeAll(async () => {
  [capri, browser] = await Promise.all([Capri.start(), launch()]);
  await capri.apply(project + dailyTask("orders_d", "true") + dailyTask("revenue_d", "true", "orders_d") + dailyTask("sums_d", "true", "revenue_d") + dailyTask("alone_d", "true"));
});

afterAll(async () => {
  await browser?.close();
  await capri?.stop();
});

it("shows more of a graph in its place, and the ways between two tasks", async () => {
  const page = await open(browser);
  await login(page, capri);
  await page.waitForURL(/batches/);
  await page.goto(`${capri.url}/graph?task=orders_d&node=revenue_d`);
  await page.getByText("2 nodes, 1 dependencies").waitFor();
  await page.getByRole("button", { name: "Show its neighbours here" }).press("Enter");
  await page.getByText("3 nodes, 2 dependencies").waitFor();
  expect(new URL(page.url()).searchParams.get("more")).toBe("revenue_d");
  expect(await page.getByRole("complementary", { name: "Chosen" }).evaluate((e) => e.contains(document.activeElement))).toBe(true);
  expect(await violations(page)).toEqual([]);

  const ways = page.getByRole("combobox", { name: "Ways to a task" });
  await ways.fill("sums_d");
  await page.locator(".ant-select-item-option").getByText("sums_d").waitFor();
  await ways.press("ArrowDown");
  await ways.press("Enter");
  await page.getByRole("heading", { name: "Ways from orders_d to sums_d" }).waitFor();
  await page.getByText("3 nodes, 2 dependencies").waitFor();
  await page.goto(`${capri.url}/graph?task=orders_d&to=alone_d`);
  await page.getByText("no dependency leads from orders_d to alone_d, nor back").waitFor();
  expectCalm(page);
});

it("has the grid by project, whose tasks are hidden and shown by keys and by a button", async () => {
  const page = await open(browser);
  await login(page, capri);
  await page.waitForURL(/batches/);
  await page.goto(`${capri.url}/batches/grid`);
  await page.getByRole("checkbox", { name: "by project" }).check();
  await page.waitForURL(/group=project/);
  const grid = page.getByRole("grid");
  await grid.focus();
  await page.getByText("tasks of the project: 4, shown").last().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/closed=shop/);
  await page.getByText("tasks of the project: 4, hidden").last().waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Show its tasks" }).click();
  await page.waitForURL((url) => !url.searchParams.has("closed"));
  expectCalm(page);
});
