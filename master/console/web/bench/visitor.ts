import type { Browser, BrowserContext, Page } from "playwright-core";
import { login, open } from "../test/browser";
import type { Capri } from "../test/capri";

export type Draw = { at: number; took: number };
type Probed = { draws: Draw[] };

const pace = 21; // milliseconds from call to call: one session may make 50 a second

/** Somebody who is logged in, whose pages tell when they drew. */
export class Visitor {
  private constructor(
    readonly capri: Capri,
    private readonly browser: Browser,
    private readonly state: Awaited<ReturnType<BrowserContext["storageState"]>>,
  ) {}

  static async logIn(browser: Browser, capri: Capri): Promise<Visitor> {
    const page = await open(browser);
    await login(page, capri);
    await page.waitForURL(/batches/);
    const state = await page.context().storageState();
    await page.context().close();
    return new Visitor(capri, browser, state);
  }

  /** A page of a fresh profile: what it loads first, it loads over the network. */
  async page(): Promise<Page> {
    const context = await this.browser.newContext({ storageState: this.state, viewport: { width: 1280, height: 720 }, reducedMotion: "reduce" });
    await context.addInitScript(probe);
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    return page;
  }

  /** How long the master takes for a read: until the body is there, in milliseconds. */
  async ask(path: string): Promise<number> {
    const begin = performance.now();
    await this.capri.call("GET", path);
    const took = performance.now() - begin;
    await pause(Math.max(0, pace - took));
    return took;
  }

  async askTimes(path: string, times: number): Promise<number[]> {
    const took: number[] = [];
    for (let i = 0; i < times; i++) took.push(await this.ask(path));
    return took;
  }
}

export const pause = (millis: number) => new Promise((done) => setTimeout(done, millis));

/** Runs in each page: notes when a canvas had been drawn, to the last pixel, and how long that took. */
function probe() {
  const probed: Probed = { draws: [] };
  Object.assign(globalThis, { probed });
  const clear = CanvasRenderingContext2D.prototype.clearRect; // each picture begins with it
  CanvasRenderingContext2D.prototype.clearRect = function (...place) {
    const begin = performance.now();
    queueMicrotask(() => {
      this.getImageData(0, 0, 1, 1); // waits for the pixels
      probed.draws.push({ at: performance.now(), took: performance.now() - begin });
    });
    clear.apply(this, place);
  };
}

/** The draws of the page since its address was opened, or since they were forgotten. */
export const draws = (page: Page) => page.evaluate(() => (globalThis as unknown as { probed: Probed }).probed.draws);

export const forgetDraws = (page: Page) =>
  page.evaluate(() => {
    (globalThis as unknown as { probed: Probed }).probed.draws = [];
  });

/** When the first picture was drawn that has the data of a call, and when the last of these data had come; both since the address was opened. */
export async function drawnAfter(page: Page, call: string): Promise<{ data: number; drawn: number; bytes: number }> {
  const found = await page.waitForFunction((path) => {
    const came = performance.getEntriesByType("resource").find((e) => new URL(e.name).pathname === path) as PerformanceResourceTiming | undefined;
    const data = came?.responseEnd ?? 0;
    const first = data > 0 && (globalThis as unknown as { probed: Probed }).probed.draws.find((d) => d.at > data);
    return first && came ? { data, drawn: first.at, bytes: came.encodedBodySize } : undefined;
  }, call);
  return (await found.jsonValue()) as { data: number; drawn: number; bytes: number };
}

/** What the page keeps, after its waste was collected, in megabytes. */
export async function heapOf(page: Page): Promise<number> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize } = await cdp.send("Runtime.getHeapUsage");
  await cdp.detach();
  return usedSize / 1e6;
}

/**
 * From a click to the frame behind the one in which `seen`, which runs in the page,
 * gives something else than before it: what it gives stands for what is shown, and nothing for not yet.
 */
export async function fromClick(page: Page, click: () => Promise<void>, seen: () => string): Promise<number> {
  const watch = await page.evaluateHandle<{ took: Promise<number> }>(`(() => {
    const seen = ${seen.toString()};
    const before = seen();
    let clicked = 0;
    for (const act of ["pointerup", "change"]) addEventListener(act, (e) => { clicked ||= e.timeStamp; }, { once: true, capture: true });
    const took = new Promise((done) => {
      const look = () => {
        const now = clicked > 0 ? seen() : "";
        if (now !== "" && now !== before) requestAnimationFrame(() => done(performance.now() - clicked));
        else requestAnimationFrame(look);
      };
      look();
    });
    return { took };
  })()`);
  await click();
  return watch.evaluate((w) => w.took);
}
