import type { Browser, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectCalm, launch, login, open } from "./browser";
import { Capri } from "./capri";
import { brokenShop } from "./world";

let capri: Capri;
let browser: Browser;

beforeAll(async () => {
  [capri, browser] = await Promise.all([Capri.start(), launch()]);
});

afterAll(async () => {
  await browser?.close();
  await capri?.stop();
});

describe("logging in", () => {
  it("says that a password is wrong, and lets nobody in", async () => {
    const page = await open(browser);
    await login(page, capri, "admin", "not the password");
    await page.getByRole("alert").filter({ hasText: "wrong" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/login");
  });

  it("leads back to the address that was asked for", async () => {
    const page = await open(browser);
    await page.goto(`${capri.url}/batches?range=week&state=failed`);
    await page.waitForURL(/\/login\?to=/);
    await page.locator("#name").fill("admin");
    await page.locator("#password").fill(capri.password);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/batches\?range=week&state=failed$/);
    await page.getByRole("heading", { name: "Batches" }).waitFor();
    expectCalm(page);
  });
});

describe("what is around every page", () => {
  it("speaks both languages and remembers which", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByRole("heading", { name: "Batches" }).waitFor();
    await page.getByRole("button", { name: "Language" }).click();
    await page.getByRole("heading", { name: "批次" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
    expectCalm(page);
  });

  it("shows the zone once, who leads, and that it is live", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByText("Times are in Asia/Shanghai").waitFor();
    await page.getByText("dev leads").waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
  });

  it("opens what one chooses from, also for who wants no motion", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.waitForURL(/batches/);
    await page.goto(`${capri.url}/tasks`);
    await page.getByRole("combobox", { name: "Period" }).click();
    await page.locator(".ant-select-item-option").getByText("week", { exact: true }).click();
    await page.waitForURL(/period=week/);
  });

  it("lists its keys at ?, and goes to the search at /", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByText("next and previous row").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await page.keyboard.press("/");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Search");
    expectCalm(page);
  });
});

describe("what is live", () => {
  // A browser has six connections to a host: pages with one each would take them all.
  it("takes one connection for all pages of a browser", async () => {
    const first = await open(browser);
    await login(first, capri);
    await first.getByText("Live", { exact: true }).waitFor();
    const more = await Promise.all(Array.from({ length: 7 }, () => first.context().newPage()));
    for (const page of more) {
      await page.goto(`${capri.url}/hosts/w1`);
      await page.getByText("Live", { exact: true }).waitFor();
    }
    await first.close();
    await capri.call("POST", "/hosts/w1/off", { reason: "seen on every page" });
    for (const page of more) {
      await page.bringToFront();
      await page.getByText("seen on every page").first().waitFor();
    }
    await capri.call("POST", "/hosts/w1/on", {});
  });
});

describe("today", () => {
  it("is a day of the cluster's zone: nothing is read before the zone is known", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByRole("heading", { name: "Batches" }).waitFor();
    const read: string[] = [];
    page.on("request", (request) => read.push(new URL(request.url()).pathname));
    const status = await held(page, "**/api/v1/status");
    await page.reload();
    await status.asked;
    await page.waitForFunction(() => performance.getEntriesByType("resource").some((e) => e.name.endsWith("/api/v1/me") && (e as PerformanceResourceTiming).responseEnd > 0));
    expect(read).not.toContain("/api/v1/batches");
    status.release();
    await page.getByText("No batch of today").waitFor();
    expect(read).toContain("/api/v1/batches");
  });
});

/** Holds calls back until they are released, as a server does that is very slow. */
async function held(page: Page, calls: string) {
  let release = () => {};
  let ask = () => {};
  const free = new Promise<void>((done) => (release = done));
  const asked = new Promise<void>((done) => (ask = done));
  await page.route(calls, async (route: Route) => {
    ask();
    await free;
    await route.continue().catch(() => undefined); // the page may have given up
  });
  return { asked, release };
}

describe("the search", () => {
  it("finds a worker and opens it by the keyboard alone", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByRole("combobox", { name: "Search" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("w1");
    await page.getByRole("option", { name: "w1" }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/hosts\/w1$/);
    expectCalm(page);
  });

  it("says when there is nothing", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByRole("combobox", { name: "Search" }).fill("no such thing");
    await page.getByText("Nothing has “no such thing” in its name").waitFor();
  });
});

describe("the first load", () => {
  it("is at most 300 kB", async () => {
    const first = await open(browser);
    await login(first, capri);
    await first.waitForURL(/batches/);
    const page = await (await browser.newContext({ storageState: await first.context().storageState() })).newPage();
    const sizes: Promise<{ url: string; bytes: number }>[] = [];
    page.on("requestfinished", (request) => {
      if (!request.url().includes("/api/")) sizes.push(request.sizes().then((s) => ({ url: request.url(), bytes: s.responseBodySize })));
    });
    await page.goto(`${capri.url}/batches`);
    await page.getByText("No batch of today").waitFor();
    const all = await Promise.all(sizes);
    const sum = all.reduce((n, s) => n + s.bytes, 0);
    expect(sum, all.map((s) => `${s.bytes} ${s.url}`).join("\n")).toBeLessThanOrEqual(300_000);
    expect(sum).toBeGreaterThan(50_000);
  });
});

describe("when things go wrong", () => {
  it("says that it is not live when the server is killed, and recovers", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByText("Live", { exact: true }).waitFor();
    await capri.kill();
    await page.getByText("Not live").waitFor();
    await page.getByText("yesterday", { exact: true }).click();
    await page.getByRole("alert").filter({ hasText: "does not answer" }).waitFor();
    await capri.up();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("alert").filter({ hasText: "does not answer" }).waitFor({ state: "hidden" });
    await page.getByText("Not live").waitFor({ state: "hidden" });
  });

  it("asks for a login when the session has ended, and goes on where it was", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByText("yesterday", { exact: true }).click();
    await page.waitForURL(/range=yesterday/);
    await page.context().clearCookies();
    await page.getByText("Late only", { exact: false }).click({ timeout: 2_000 }).catch(() => undefined); // if nothing else was read before
    await page.waitForURL(/\/login\?to=.*yesterday/);
    await page.getByText("Your session has ended").waitFor();
    await page.locator("#name").fill("admin");
    await page.locator("#password").fill(capri.password);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/batches\?.*range=yesterday/);
  });

  it("says that a page's code does not come, as after an upgrade, and loads it anew", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByRole("heading", { name: "Batches" }).waitFor();
    const code = /\/assets\/alerts-.*\.js/;
    await page.route(code, (route) => route.abort());
    await page.getByRole("navigation").getByRole("link", { name: "Alerts" }).click();
    await page.getByRole("alert").filter({ hasText: "cannot be shown" }).waitFor();
    await page.unroute(code);
    await page.getByRole("button", { name: "Load it anew" }).click();
    await page.getByRole("heading", { name: "Alerts" }).waitFor();
  });

  it("asks every page of a browser for a login when one of them logs out", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByText("Live", { exact: true }).waitFor();
    const other = await page.context().newPage();
    await other.goto(`${capri.url}/tasks`);
    await other.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("button", { name: "admin" }).click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await page.waitForURL(/\/login/);
    await other.waitForURL(/\/login\?to=%2Ftasks/, { timeout: 45_000 });
  });

  it("shows the sentence, the code and the request of an error, and keeps what was there", async () => {
    const page = await open(browser);
    await login(page, capri);
    await page.getByRole("heading", { name: "Batches" }).waitFor();
    await page.route("**/api/v1/batches?**", (route) =>
      route.fulfill({ status: 422, contentType: "application/problem+json", headers: { "X-Request-Id": "r-77" }, body: JSON.stringify({ title: "Invalid", status: 422, code: "INVALID", detail: "no such state", hint: "try failed", requestId: "r-77" }) }),
    );
    await page.getByText("yesterday", { exact: true }).click();
    const alert = page.getByRole("alert");
    await alert.getByText("no such state").waitFor();
    expect(await alert.textContent()).toMatch(/try failed.*INVALID.*r-77/);
    await page.unroute("**/api/v1/batches?**");
    await alert.getByRole("button", { name: "Try again" }).click();
    await alert.waitFor({ state: "hidden" });
  });

  it("shows that it reads, says when that takes long, and keeps what was there meanwhile", async () => {
    const { ref } = await brokenShop(capri);
    const page = await open(browser);
    const first = await held(page, "**/api/v1/batches?**");
    await login(page, capri);
    await page.getByLabel("Loading").waitFor();
    await page.getByText("takes long to answer").waitFor();
    first.release();
    await page.getByRole("link", { name: ref, exact: true }).waitFor();
    await page.getByText("takes long to answer").waitFor({ state: "hidden" });

    await page.unroute("**/api/v1/batches?**");
    const second = await held(page, "**/api/v1/batches?**");
    await page.getByText("yesterday", { exact: true }).click();
    await page.getByText("takes long to answer").waitFor();
    await page.locator("table[aria-busy=true]").getByRole("link", { name: ref, exact: true }).waitFor();
    second.release();
    await page.getByRole("link", { name: ref, exact: true }).waitFor({ state: "hidden" });
    await page.getByText("takes long to answer").waitFor({ state: "hidden" });
    expectCalm(page);
  });
});
