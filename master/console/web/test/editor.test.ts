import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { desktop, expectCalm, launch, login, open, phone, violations } from "./browser";
import { Capri, until } from "./capri";
import { dailyTask, project } from "./world";

let capri: Capri;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [capri, browser] = await Promise.all([Capri.start(), launch()]);
  await capri.apply(project + dailyTask("orders_d", "exit 0") + dailyTask("users_d", "exit 0") + dailyTask("revenue_d", "exit 0", "orders_d"));
  page = await open(browser);
  await login(page, capri);
  await page.waitForURL(/batches/);
});

afterAll(async () => {
  await browser?.close();
  await capri?.stop();
});

const form = () => page.getByRole("region", { name: "Form" });
const field = (name: string) => form().getByRole("textbox", { name, exact: true });
const file = () => page.getByRole("textbox", { name: "Task file" });
const text = () => file().inputValue();

async function edit(task: string) {
  await page.goto(`${capri.url}/tasks/${task}/edit`);
  await file().waitFor();
}

/** Chooses in a list that opens below a field, by the keyboard. */
async function pick(name: string, typed: string, option: string | RegExp) {
  const box = form().getByRole("combobox", { name });
  await box.focus();
  await box.pressSequentially(typed);
  await page.locator(".ant-select-item-option-active", { hasText: option }).waitFor();
  await page.keyboard.press("Enter");
}

describe("the form beside the task file", () => {
  it("shows what is written and changes nothing else", async () => {
    await edit("revenue_d");
    const before = (await text()).replace("spec:", "spec: # how it runs");
    await file().fill(before.replace("title: Title of revenue_d", 'title: "Revenue: a day"'));
    await expect.poll(() => field("Title").inputValue()).toBe("Revenue: a day");
    await field("Title").fill("Revenue of a day");
    await field("Longest run").fill("2h");
    expect(await text()).toBe(before.replace("title: Title of revenue_d", 'title: "Revenue of a day"').replace("  onWorkerLost:", "  timeouts:\n    run: 2h\n  onWorkerLost:"));
    expectCalm(page);
  });

  it("has its changes taken back in the file, and made again", async () => {
    await edit("users_d");
    const before = await text();
    await field("Script").fill("echo one\necho two\n");
    const after = await text();
    expect(after).toMatch(/script: \|\n {6}echo one\n {6}echo two\n/);
    await file().focus();
    await page.keyboard.press("ControlOrMeta+z");
    await expect.poll(text).toBe(before);
    await expect.poll(() => field("Script").inputValue()).toBe("exit 0");
    await page.keyboard.press("ControlOrMeta+Shift+z");
    await expect.poll(text).toBe(after);
    await page.keyboard.press("ControlOrMeta+z");
    await expect.poll(text).toBe(before);
  });

  it("waits while the file cannot be read, and loses nothing", async () => {
    await edit("users_d");
    const broken = (await text()).replace("kind: Task", "kind: [Task");
    await file().fill(broken);
    await form().getByRole("status").filter({ hasText: "cannot be read" }).waitFor();
    expect(await field("Title").isDisabled()).toBe(true);
    expect(await text()).toBe(broken);
    await file().fill(broken.replace("kind: [Task", "kind: Task"));
    await expect.poll(() => field("Title").isEnabled()).toBe(true);
  });

  it("says at the field what is wrong: a circle of parents", async () => {
    await edit("orders_d");
    await pick("Add a parent task", "revenue", "revenue_d");
    await expect.poll(text).toMatch(/parents:\n\s+- task: revenue_d\n/);
    await form().getByRole("group", { name: "Parent tasks" }).getByText(/orders_d → revenue_d|revenue_d → orders_d|circle|wait/).first().waitFor();
    expect(await violations(page)).toEqual([]);
    await form().getByRole("button", { name: "Remove the parent revenue_d" }).click();
    await page.getByText("orders_d: as it is saved").waitFor();
  });

  it("searches parents, shows the next batches of a cron expression, and what it wrote is saved", async () => {
    await edit("revenue_d");
    await pick("Add a parent task", "users", "users_d");
    await form().getByRole("button", { name: "Remove the parent users_d" }).waitFor();
    await form().getByRole("combobox", { name: "Period" }).click();
    await page.locator(".ant-select-item-option", { hasText: "cron" }).click();
    await field("Cron expression").fill("30 6 * * 1");
    const next = page.getByRole("list", { name: "Next batches of revenue_d" }).getByRole("listitem");
    const monday = /^\d{8}063000 · \d{4}-\d\d-\d\d 06:30:00$/;
    await expect.poll(async () => (await next.allTextContents()).filter((batch) => monday.test(batch))).toHaveLength(5);
    await form().getByRole("switch", { name: "Enabled" }).click();
    await page.getByText("None while it is disabled.").waitFor();
    await form().getByRole("switch", { name: "Enabled" }).click();

    await page.getByRole("button", { name: "Save…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: /^Save/ }).click();
    type Saved = { version: number; cron?: string; definition: { spec: { parents: { task: string }[] } } };
    await until("the task has its second version", async () => (await capri.call<Saved>("GET", "/tasks/revenue_d")).version === 2);
    const saved = await capri.call<Saved>("GET", "/tasks/revenue_d");
    expect(saved.cron).toBe("30 6 * * 1");
    expect(saved.definition.spec.parents.map((p) => p.task)).toEqual(["orders_d", "users_d"]);
    expectCalm(page);
  });

  it("is one of two tabs on a phone", async () => {
    await page.setViewportSize(phone);
    await page.goto(`${capri.url}/tasks/new`);
    await field("Name").fill("from_phone_d");
    await page.getByRole("tab", { name: "YAML" }).click();
    expect(await text()).toContain("  name: from_phone_d          # small letters");
    expect(await violations(page)).toEqual([]);
    await page.getByRole("tab", { name: "Form" }).click();
    await field("Title").waitFor();
  });
});

it("does not save over what somebody else has saved meanwhile, and shows that", async () => {
  await page.setViewportSize(desktop);
  await edit("orders_d");
  await file().fill((await text()).replace("Title of orders_d", "Mine"));
  await page.getByText("orders_d: changed, becomes version 2").waitFor();
  await capri.apply(project + dailyTask("orders_d", "echo theirs"));
  await page.getByRole("button", { name: "Save…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: /^Save/ }).click();
  await page.getByRole("alert").filter({ hasText: "saved by somebody else meanwhile" }).waitFor();
  await page.getByText("orders_d: changed, becomes version 3").first().waitFor();
  expect((await capri.call<{ title: string }>("GET", "/tasks/orders_d")).title).toBe("Title of orders_d");
  await page.getByRole("dialog").getByRole("button", { name: /^Save/ }).click();
  await until("it is saved over what is there now", async () => (await capri.call<{ version: number; title: string }>("GET", "/tasks/orders_d")).title === "Mine");
  expectCalm(page);
});
