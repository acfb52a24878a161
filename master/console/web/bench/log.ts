import { until } from "../test/capri";
import type { Figures } from "./figures";
import { type Visitor, fromClick, heapOf, pause } from "./visitor";

const lines = 2_900_000;
const runs = 12;
const jumps = 40;
const task = "long_log";

const file = `apiVersion: capri/v1
kind: Task
metadata: {name: ${task}, title: Writes much, project: large, owner: admin}
spec:
  period: manual
  run: {type: shell, script: "seq -f 'line %09.0f of a log that is long' 1 ${lines}"}
`;

type Batch = { ref: string; state: string; finish: string; attempts?: { logBytes: number }[] };

/** A log of more than 100 MB, as a worker has it on its disk. */
export async function measureLog(visitor: Visitor, figures: Figures) {
  const { ref, bytes } = await writeLog(visitor);
  if (bytes < 100e6) throw new Error(`the log has ${bytes} bytes`);
  const address = `${visitor.capri.url}/batches/${encodeURIComponent(ref)}`;
  const page = await visitor.page();
  const first: number[] = [];
  const end: number[] = [];
  for (let i = 0; i < runs; i++) {
    await page.goto(address);
    first.push(await fromClick(page, () => page.getByRole("tab", { name: "Log", exact: true }).click(), lastLine));
    await page.goto(`${address}?tab=log&at=0`); // a page that remembers nothing, at the beginning
    await page.getByText("line 000000001 ").waitFor();
    end.push(await fromClick(page, () => page.getByRole("button", { name: "End", exact: true }).click(), lastLine));
  }
  figures.times({ what: `log of ${Math.round(bytes / 1e6)} MB: its tab pressed to its last 200 lines`, millis: first, wanted: 300 });
  figures.times({ what: "log: End pressed, from its beginning, to its last line", millis: end, wanted: 500 });
  const search = `/batches/${ref}/logs/search?q=${encodeURIComponent(`line ${String(lines).padStart(9, "0")}`)}`;
  figures.times({ what: "log: a search through all of it, at the server", millis: await visitor.askTimes(search, 5), wanted: 3000 });
  const before = await heapOf(page);
  for (let i = 0; i < jumps; i++) {
    const bar = await page.getByRole("scrollbar").boundingBox();
    if (!bar) throw new Error("there is no bar");
    await page.mouse.click(bar.x + bar.width / 2, bar.y + bar.height * (0.02 + (0.96 * ((i * 17) % jumps)) / jumps));
    await pause(150);
  }
  figures.amount(`log: what the page keeps more after ${jumps} jumps through it, MB`, (await heapOf(page)) - before, 20);
  const rows = await page.locator(".batches-log .row").count();
  if (rows > 200) throw new Error(`${rows} rows are in the page`);
  await page.context().close();
}

/** Runs the task once; the log is written when it has ended. */
async function writeLog(visitor: Visitor): Promise<{ ref: string; bytes: number }> {
  const { capri } = visitor;
  await capri.apply(file);
  const { ref } = await capri.call<{ ref: string }>("POST", `/tasks/${task}/run`, {});
  const path = `/batches/${ref}`;
  const read = () => capri.call<Batch>("GET", path);
  await until(`${task} has ended`, async () => (await read()).state === "done");
  const batch = await read();
  return { ref: batch.ref, bytes: batch.attempts?.at(-1)?.logBytes ?? 0 };
}

/** The last line of the whole log, once it is in view. */
function lastLine(): string {
  const box = document.querySelector(".batches-log")?.getBoundingClientRect();
  const row = [...document.querySelectorAll(".batches-log .row")].at(-1);
  const place = row?.getBoundingClientRect();
  const isLast = row?.textContent?.startsWith("line 002900000 ") ?? false;
  return isLast && box && place && place.bottom <= box.bottom + 1 && place.top >= box.top ? "shown" : "";
}
