import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectCalm, launch, login, open } from "./browser";
import { Capri, until } from "./capri";
import { type Hands, keyboard, mouse } from "./hands";
import { batches, brokenShop, dailyTask, project } from "./world";

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser?.close());

describe.each([mouse, keyboard])("a first hour by $name", (hands: Hands) => {
  let capri: Capri;
  let page: Page;

  beforeAll(async () => {
    capri = await Capri.start();
    page = await open(browser);
    page.setDefaultTimeout(20_000);
    await login(page, capri);
    await page.waitForURL(/batches/);
  });

  afterAll(async () => {
    await page?.context().close();
    await capri?.stop();
  });

  const button = (name: string | RegExp) => page.getByRole("button", { name });
  const dialog = () => page.getByRole("dialog");

  it("finds a batch that failed, reads why and its log, mends the task, and makes it green with what follows", async () => {
    const failed = await brokenShop(capri);
    await page.goto(`${capri.url}/batches`);

    await hands.press(page, page.getByRole("link", { name: failed.ref, exact: true }));
    await button("Rerun").waitFor();
    await page.keyboard.press("e");
    await page.waitForURL(/tab=why/);
    await page.getByText("exit code 3").first().waitFor();
    await page.keyboard.press("l");
    await page.waitForURL(/tab=log/);
    await page.getByText("no such table: orders").first().waitFor();

    await hands.press(page, page.getByRole("link", { name: "orders_d", exact: true }));
    await hands.press(page, page.getByRole("link", { name: "Edit" }).or(button("Edit")).first());
    const editor = page.getByRole("textbox", { name: "Task file" });
    const file = await editor.inputValue();
    await hands.write(page, editor, file.replace("exit 3", "exit 0"));
    await page.getByText("orders_d: changed, becomes version 2").waitFor();
    await page.keyboard.press("Escape");
    await hands.press(page, button("Save…"));
    await hands.press(page, dialog().getByRole("button", { name: /^Save/ }));
    await until("the task has its second version", async () => (await capri.call<{ version: number }>("GET", "/tasks/orders_d")).version === 2);

    await page.goto(`${capri.url}/batches/${encodeURIComponent(failed.ref)}`);
    await button("Rerun").waitFor();
    await page.keyboard.press("r");
    await page.waitForURL(/operations\/rerun\/new/);
    await hands.choose(page, page.getByRole("radio", { name: "and both: by data and by logic" }));
    await hands.write(page, page.getByRole("textbox", { name: "Reason" }), "the table is there now");
    await hands.press(page, button("Show the plan"));
    await page.getByRole("cell", { name: /revenue_d/ }).first().waitFor();
    await hands.press(page, button(/^Rerun \d+ batch/));
    await page.waitForURL(/operations\/\d+/);
    await page.getByText(/[12] done, 0 failed/).first().waitFor();

    for (const task of ["orders_d", "revenue_d"])
      await until(`${task} is successful`, async () => (await batches(capri, task)).some((b) => b.finish === "success"));
    await page.goto(`${capri.url}/batches?task=orders_d`);
    await page.getByRole("cell").getByText("successful").first().waitFor();
    expectCalm(page);
  });

  it("makes two past days of a task by a cold start", async () => {
    await capri.apply(project + dailyTask("stock_d", "echo 7"));
    await page.goto(`${capri.url}/operations`);
    await hands.press(page, page.getByRole("link", { name: "Cold start" }).or(button("Cold start")).first());
    await hands.choose(page, page.getByRole("radio", { name: "these tasks" }));
    await hands.pick(page, page.getByRole("combobox", { name: "Tasks", exact: true }), "stock_d");
    await hands.write(page, page.getByRole("textbox", { name: "From" }), "20260601");
    await hands.write(page, page.getByRole("textbox", { name: "To, included" }), "20260602");
    await hands.write(page, page.getByRole("textbox", { name: "Reason" }), "first days");
    await hands.press(page, button("Show the plan"));
    await page.getByRole("cell", { name: "20260601..20260602" }).first().waitFor();
    expect(await batches(capri, "stock_d")).toEqual([]);
    const make = button("Make 2 batches");
    expect(await make.isDisabled()).toBe(true);
    await hands.write(page, page.getByRole("textbox", { name: /To go ahead/ }), "cold start 2 batches");
    await hands.press(page, make);
    await page.waitForURL(/operations\/\d+/);
    await page.getByText(/2 done, 0 failed/).first().waitFor();
    const made = await batches(capri, "stock_d");
    expect(made.map((b) => [b.workNo, b.finish])).toEqual([["20260602", "success"], ["20260601", "success"]]);
    expectCalm(page);
  });

  it("switches a worker off and on", async () => {
    const host = async () => (await capri.call<{ items: { host: string; stopReason?: string }[] }>("GET", "/hosts")).items.find((h) => h.host === "w1");
    await page.goto(`${capri.url}/hosts/w1`);
    await hands.press(page, button("Switch off: w1"));
    await hands.write(page, dialog().getByRole("textbox", { name: "Reason" }), "new disk");
    await hands.press(page, dialog().getByRole("button", { name: /Switch w1 off|Switch off/ }));
    await until("w1 is off", async () => (await host())?.stopReason === "new disk");
    await hands.press(page, button("Switch on: w1"));
    await hands.press(page, dialog().getByRole("button", { name: /Switch w1 on|Switch on/ }));
    await until("w1 is on", async () => !(await host())?.stopReason);
    await dialog().waitFor({ state: "hidden" });
    expectCalm(page);
  });
});
