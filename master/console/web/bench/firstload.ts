import type { Figures } from "./figures";
import type { Visitor } from "./visitor";

const runs = 5;

/** What a browser that has never been there loads for the page one comes to first. */
export async function measureFirstLoad(visitor: Visitor, figures: Figures) {
  const shown: number[] = [];
  let bytes = 0;
  for (let i = 0; i < runs; i++) {
    const page = await visitor.page();
    const sizes: Promise<number>[] = [];
    page.on("requestfinished", (request) => {
      if (!request.url().includes("/api/")) sizes.push(request.sizes().then((s) => s.responseBodySize));
    });
    await page.goto(`${visitor.capri.url}/batches`);
    await page.locator("tbody tr").first().waitFor();
    shown.push(await page.evaluate(() => new Promise<number>((done) => requestAnimationFrame(() => done(performance.now())))));
    bytes = (await Promise.all(sizes)).reduce((n, s) => n + s, 0);
    await page.context().close();
  }
  figures.amount("first load: what is not data, compressed, kB", bytes / 1000, 300);
  figures.times({ what: "first load: from the address to the first batches", millis: shown });
}
