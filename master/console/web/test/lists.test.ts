import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectCalm, launch, login, open, violations } from "./browser";
import { Capri } from "./capri";
import { brokenShop } from "./world";

let capri: Capri;
let browser: Browser;
let failed = "";

beforeAll(async () => {
  [capri, browser] = await Promise.all([Capri.start(), launch()]);
  failed = (await brokenShop(capri)).ref;
});

afterAll(async () => {
  await browser?.close();
  await capri?.stop();
});

/** What a press on the button gives as a file, in lines. */
async function download(page: Page): Promise<{ name: string; lines: string[] }> {
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download CSV" }).click()]);
  return { name: file.suggestedFilename(), lines: readFileSync(await file.path(), "utf8").split("\r\n") };
}

const headings = (page: Page) => page.getByRole("columnheader").allTextContents();

describe("a list", () => {
  it("is given as a file with every column", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByRole("link", { name: failed, exact: true }).waitFor();
    const { name, lines } = await download(page);
    expect(name).toBe("batches.csv");
    expect(lines[0]).toBe("\uFEFFBatch,State,Why,Task,Project,Scheduled,Made,Started,Ended,Ran (s),Worker,Attempt,Priority,Made by,Operation");
    const line = lines.find((l) => l.startsWith(failed));
    expect(line).toMatch(/,failed,exit code 3,orders_d,shop,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00,/);
    expect(lines.filter((l) => l !== "")).toHaveLength(3);

    await page.goto(`${capri.url}/tasks`);
    expect((await download(page)).lines[2]).toMatch(/^revenue_d,.*,day,.*,shop,admin,/);

    await page.goto(`${capri.url}/admin/audit`);
    const audit = await download(page);
    expect(audit.name).toBe("audit.csv");
    expect(audit.lines[0]).toBe("\uFEFFAt,Who,What,To what,Change,From,Details");
    expect(audit.lines.some((l) => l.includes(",task.run,"))).toBe(true);
    expectCalm(page);
  });

  it("has the columns that were chosen, by keyboard alone, in the address and in this browser", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByRole("link", { name: failed, exact: true }).waitFor();
    expect(await headings(page)).toEqual(["", "Batch", "State", "Why", "Project", "Scheduled", "Ran", "Worker"]);
    await page.getByRole("button", { name: "Columns" }).focus();
    await page.keyboard.press("Enter");
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space"); // State is the first, Why the second
    await page.waitForURL(/cols=state%2Cproject/);
    expect(await headings(page)).toEqual(["", "Batch", "State", "Project", "Scheduled", "Ran", "Worker"]);
    await page.keyboard.press("Escape");
    await page.getByRole("group", { name: "Columns that are shown" }).waitFor({ state: "hidden" });
    await page.goto(`${capri.url}/batches?range=allTime`);
    await page.getByRole("link", { name: failed, exact: true }).waitFor();
    expect(await headings(page)).not.toContain("Why");
    await page.goto(`${capri.url}/batches?range=allTime&cols=origin`);
    await page.getByRole("link", { name: failed, exact: true }).waitFor();
    expect(await headings(page)).toEqual(["", "Batch", "Made by"]);
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("button", { name: "As at first" }).click();
    await page.getByRole("columnheader", { name: "Why" }).waitFor();
    expectCalm(page);
  });
});

describe("a plan", () => {
  it("leaves out the batch whose line was ticked, and its operation says so", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByRole("link", { name: failed, exact: true }).waitFor();
    await page.goto(`${capri.url}/operations/rerun/new?task=orders_d&from=20260601&to=20260603&reason=again&lines=each`);
    await page.getByRole("button", { name: "Show the plan" }).click();
    await page.getByText(/3 to make, 0 left alone/).waitFor();
    await page.getByRole("checkbox", { name: "Select orders_d/20260602" }).check();
    await page.getByRole("button", { name: "Leave out orders_d/20260602 and plan again" }).click();
    await page.getByText(/2 to make, 1 left alone/).waitFor();
    await page.getByRole("row", { name: /20260602.*SKIP_EXCLUDED/ }).waitFor();
    expect(await page.getByRole("checkbox", { name: /^Select orders_d/ }).count()).toBe(2);
    const command = "capri batch rerun orders_d --range 20260601..20260603 --exclude orders_d/20260602 --reason again";
    await page.getByText(command, { exact: true }).waitFor();
    expect(await page.locator(".ant-select-selection-item").allTextContents()).toContain("orders_d/20260602");
    await page.waitForURL(/exclude=orders_d(%2F|\/)20260602/);
    expect(await violations(page)).toEqual([]);
    await page.getByText("in groups", { exact: true }).click();
    await page.getByRole("checkbox", { name: "Select orders_d", exact: true }).first().waitFor();

    await page.getByRole("button", { name: "Rerun 2 batches" }).click();
    await page.waitForURL(/operations\/\d+$/);
    await page.getByText(command, { exact: true }).waitFor();
    await page.getByText(/^2 of 2 made/).waitFor();
    const lines = page.getByRole("table").locator("tbody").getByRole("row");
    expect(await lines.count()).toBe(3);
    await page.goto(`${page.url()}?decision=skip`);
    await page.getByText("SKIP_EXCLUDED").waitFor();
    expect(await lines.count()).toBe(1);
    expect(await violations(page)).toEqual([]);
    await page.getByRole("combobox", { name: "State" }).click();
    await page.locator(".ant-select-item-option", { hasText: "lost" }).click();
    await page.waitForURL(/decision=skip&state=lost/);
    await page.getByText("No batch of the operation is like this.").waitFor();
    await page.getByRole("button", { name: "Show all" }).click();
    await page.getByText("CREATE_NEW").first().waitFor();

    await page.getByRole("link", { name: "Plan the same again…" }).click();
    await page.waitForURL(/operations\/rerun\/new/);
    await page.getByText(command, { exact: true }).waitFor();

    await page.goto(`${capri.url}/operations/coldstart/new?task=orders_d&from=20260701&to=20260702&reason=new&exclude=orders_d/20260702&lines=each`);
    await page.getByText("capri coldstart --period day --range 20260701..20260702 --tasks orders_d --exclude orders_d/20260702 --reason new", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Show the plan" }).click();
    await page.getByText(/1 to make, 1 left alone/).waitFor();
    expectCalm(page);
  });
});
