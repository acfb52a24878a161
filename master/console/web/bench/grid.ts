import type { Page } from "playwright-core";
import type { Figures } from "./figures";
import { type Visitor, drawnAfter, fromClick } from "./visitor";

const asked = 40;
const looks = 10;
const rows = 200;
const budget = 250;

/** 200 tasks by 90 days, and by 96 hours. */
export async function measureGrid(visitor: Visitor, figures: Figures) {
  const from = new Date(Date.now() - 89 * 86_400_000).toISOString().slice(0, 10);
  const hours = Math.floor(Date.now() / 3_600_000 - 96) * 3_600_000;
  const days = `/grid?period=day&from=${from}`;
  const grid = await visitor.capri.call<{ rows: { cells: string }[]; cols: string[] }>("GET", days);
  const cells = grid.rows.reduce((n, row) => n + row.cells.replaceAll(".", "").length, 0);
  if (grid.rows.length !== rows || grid.cols.length !== 90 || cells < rows * 85) throw new Error(`the grid has ${grid.rows.length} rows, ${grid.cols.length} columns, ${cells} batches`);
  figures.times({ what: "grid at the server, 200 daily tasks by 90 days", millis: await visitor.askTimes(days, asked), wanted: budget });
  figures.times({ what: "grid at the server, 200 hourly tasks by 96 hours", millis: await visitor.askTimes(`/grid?period=hour&from=${hours}`, asked), wanted: budget });
  const painted: number[] = [];
  const clicked: number[] = [];
  const opened: number[] = [];
  const page = await visitor.page();
  await openGrid(page, visitor);
  for (let i = 0; i < looks; i++) {
    await page.goto(`${visitor.capri.url}/batches/grid?n=90`);
    const { data, drawn } = await drawnAfter(page, "/api/v1/grid");
    painted.push(drawn - data);
    opened.push(drawn);
    await openGrid(page, visitor);
    clicked.push(await chooseDays(page));
  }
  await page.context().close();
  figures.times({ what: "grid 200 × 90: data there to cells painted", millis: painted, wanted: budget });
  figures.times({ what: "grid 200 × 90: 90 days clicked to cells painted", millis: clicked, wanted: budget });
  figures.times({ what: "grid 200 × 90: address to cells painted, files at hand", millis: opened });
}

async function openGrid(page: Page, visitor: Visitor) {
  await page.goto(`${visitor.capri.url}/batches/grid`);
  await drawnAfter(page, "/api/v1/grid");
}

/** From the click that asks for 90 days instead of 30 to the picture with them. */
async function chooseDays(page: Page): Promise<number> {
  await page.getByRole("combobox", { name: "Range" }).click();
  const option = page.locator(".ant-select-item-option").getByText("90", { exact: false });
  return fromClick(page, () => option.click(), drawnGrid);
}

/** The newest call for a grid, once its answer has been drawn. */
function drawnGrid(): string {
  const came = performance.getEntriesByType("resource").findLast((r) => new URL(r.name).pathname === "/api/v1/grid") as PerformanceResourceTiming | undefined;
  const isDrawn = came && (globalThis as unknown as { probed: { draws: { at: number }[] } }).probed.draws.some((d) => d.at > came.responseEnd);
  return came && isDrawn ? String(came.startTime) : "";
}
