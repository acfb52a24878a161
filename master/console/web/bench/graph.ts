import type { Page } from "playwright-core";
import type { Figures } from "./figures";
import { type Visitor, draws, drawnAfter, forgetDraws, heapOf } from "./visitor";
import { tasks } from "./world";

const asked = 20;
const looks = 8;
const links = 15_000;

/** All 5,000 tasks with their 15,000 dependencies. */
export async function measureGraph(visitor: Visitor, figures: Figures) {
  const whole = "/graph?mode=all&state=now";
  figures.times({ what: "graph 5,000 at the server, laid out for the first time", millis: [await visitor.ask(whole)], wanted: 3000 });
  const graph = await visitor.capri.call<{ nodes: unknown[]; edges: unknown[] }>("GET", whole);
  if (graph.nodes.length !== tasks || graph.edges.length !== links) throw new Error(`the graph has ${graph.nodes.length} nodes and ${graph.edges.length} edges`);
  figures.times({ what: "graph 5,000 at the server, afterwards", millis: await visitor.askTimes(whole, asked) });
  const painted: number[] = [];
  const opened: number[] = [];
  const page = await visitor.page();
  for (let i = 0; i < looks; i++) {
    await page.goto(`${visitor.capri.url}/graph?mode=all`);
    const { data, drawn } = await drawnAfter(page, "/api/v1/graph");
    painted.push(drawn - data);
    opened.push(drawn);
  }
  figures.times({ what: "graph 5,000: data there to first picture", millis: painted, wanted: 1000 });
  figures.times({ what: "graph 5,000: address to first picture, files at hand", millis: opened });
  figures.times({ what: "graph 5,000: a frame while it is dragged, as opened", millis: await drag(page), wanted: 20 });
  await page.getByRole("button", { name: "Show all" }).click();
  figures.times({ what: "graph 5,000: a frame while it is dragged, all in view", millis: await drag(page), wanted: 20 });
  figures.times({ what: "graph 5,000: a frame while it is zoomed", millis: await zoom(page), wanted: 20 });
  figures.amount("graph 5,000: what the page keeps, MB", await heapOf(page), 150);
  await page.context().close();
}

async function middleOf(page: Page): Promise<[number, number]> {
  const box = await page.locator(".views-graph canvas").boundingBox();
  if (!box) throw new Error("there is no picture");
  return [box.x + box.width / 2, box.y + box.height / 2];
}

async function drag(page: Page): Promise<number[]> {
  const [x, y] = await middleOf(page);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await forgetDraws(page);
  for (let i = 1; i <= 60; i++) await page.mouse.move(x + 200 * Math.sin(i / 10), y + 80 * Math.sin(i / 7));
  const took = (await draws(page)).map((d) => d.took);
  await page.mouse.up();
  return took;
}

async function zoom(page: Page): Promise<number[]> {
  await page.mouse.move(...(await middleOf(page)));
  await forgetDraws(page);
  for (let i = 0; i < 60; i++) await page.mouse.wheel(0, i < 30 ? -60 : 60);
  return (await draws(page)).map((d) => d.took);
}
