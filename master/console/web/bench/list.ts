import type { Page } from "playwright-core";
import type { Figures } from "./figures";
import { type Visitor, fromClick } from "./visitor";

const times = 12; // of each question
const far = 50;
const size = 100; // of a page of the console

type Query = Record<string, string>;
type Question = { name: string; query: Query };

const dayOf = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);

/** The list as the console asks for it, at the server and by clicks. */
export async function measureList(visitor: Visitor, figures: Figures) {
  const at = { first: [] as number[], next: [] as number[], far: [] as number[] };
  const slow: { what: string; millis: number[] }[] = [];
  for (const { name, query } of questions()) {
    const next = await cursorOf(visitor, query, 2);
    const deep = next && (await cursorOf(visitor, query, far));
    const first = await visitor.askTimes(pathOf(query), times);
    at.first.push(...first);
    slow.push({ what: `  slow: ${name}`, millis: first });
    if (next) at.next.push(...(await visitor.askTimes(pathOf(query, next), times)));
    if (deep) at.far.push(...(await visitor.askTimes(pathOf(query, deep), times)));
  }
  figures.times({ what: `list at the server, first page, ${slow.length} combinations of filters`, millis: at.first, wanted: 200 });
  figures.times({ what: "list at the server, second page", millis: at.next, wanted: 200 });
  figures.times({ what: `list at the server, page ${far}`, millis: at.far, wanted: 200 });
  const middle = (millis: number[]) => [...millis].sort((a, b) => a - b)[Math.floor(millis.length / 2)] ?? 0;
  for (const one of slow.sort((a, b) => middle(b.millis) - middle(a.millis)).slice(0, 3)) figures.times(one);
  figures.times({ what: "list in the browser, from a click on a filter to the rows", millis: await clicks(visitor) });
}

/** All that the page's filters can say together, of today, yesterday, a week and ever. */
function questions(): Question[] {
  const range = (name: string, from: number, to: number) => ({ name, query: { from: dayOf(from), to: dayOf(to) } });
  const facet = (key: string, value: string) => ({ name: `, ${key} ${value}`, query: { [key]: value } });
  const all = { name: "", query: {} };
  const facets: Question[][] = [
    [all, ...["waiting", "running", "success", "failed", "killed"].map((state) => facet("state", state))],
    [all, facet("task", "large_h_0007"), facet("project", "large")],
    [all, facet("late", "true")],
  ];
  const ranges: Question[] = [range("today", 0, 0), range("yesterday", 1, 1), range("a week", 6, 0), { name: "ever", query: {} }];
  return facets.reduce((found, more) => found.flatMap((one) => more.map((add) => ({ name: one.name + add.name, query: { ...one.query, ...add.query } }))), ranges);
}

const pathOf = (query: Query, cursor?: string, limit = size) => `/batches?${new URLSearchParams({ ...query, limit: String(limit), ...(cursor ? { cursor } : {}) })}`;

/** The cursor of a page, as one who pages there has it; none when the list ends before. */
async function cursorOf(visitor: Visitor, query: Query, page: number): Promise<string | undefined> {
  let left = (page - 1) * size;
  let cursor: string | undefined;
  while (left > 0) {
    const limit = Math.min(left, 500);
    const got: { next?: string } = await visitor.capri.call("GET", pathOf(query, cursor, limit));
    if (!got.next) return undefined;
    cursor = got.next;
    left -= limit;
  }
  return cursor;
}

const rounds = 4; // each in a page that remembers nothing

/** Choices of which each shows other rows than the one before, and none comes twice. */
const choices: [(page: Page, what: string) => Promise<number>, string][] = [
  [chooseState, "running"], [chooseState, "successful"], [chooseState, "killed"], [chooseState, "waiting"], [chooseState, "failed"],
  [chooseRange, "yesterday"], [chooseState, "successful"], [chooseRange, "7 days"], [chooseState, "failed"],
];

async function clicks(visitor: Visitor): Promise<number[]> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const page = await visitor.page();
    await page.goto(`${visitor.capri.url}/batches`);
    await page.locator("tbody tr").first().waitFor();
    for (const [choose, what] of choices) took.push(await choose(page, what));
    await page.context().close();
  }
  return took;
}

function chooseRange(page: Page, range: string): Promise<number> {
  return fromClick(page, () => page.getByText(range, { exact: true }).click(), firstRow);
}

function chooseState(page: Page, state: string): Promise<number> {
  return fromClick(page, async () => void (await page.getByRole("combobox", { name: "State" }).selectOption({ label: state })), firstRow);
}

/** What the first row says, or that there is none. */
function firstRow(): string {
  return document.querySelector("tbody tr")?.textContent ?? document.querySelector(".empty")?.textContent ?? "";
}
