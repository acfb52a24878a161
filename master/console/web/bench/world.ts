import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Capri } from "../test/capri";

// 100,013 batches a day, thirty days of them, and ninety days of the daily tasks; as a graph, 5,000 nodes with 15,000 edges.
const hourly = 4131;
const daily = 869;
const rows = 3_000_000;
const days = 90;
const width = 100; // tasks of a layer of the graph
export const tasks = hourly + daily;

const day = 86_400_000;
const flags = ["--timezone", "UTC"];
const script = resolve(import.meta.dirname, "../../../../scripts/bench-large.sql");

function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run make bench-console`);
  return value;
}

/** A `capri dev` over the history, which is loaded when that of today is not there. */
export async function openWorld(): Promise<Capri> {
  const home = resolve(given("CONSOLE_DIR"), "dev");
  process.env.CAPRI_DEV_DATABASE = `${given("CONSOLE_DSN")}capri_console`;
  const end = (Math.floor(Date.now() / day) + 1) * day; // of today: what people look at at first is whole
  if (!isLoaded(end)) await load(home, end);
  return Capri.over(home, readFileSync(join(home, "password"), "utf8"), ...flags);
}

function sql(text: string, database?: string): string {
  const from = `--defaults-file=${resolve(given("CONSOLE_DIR"), "mariadb", "client.cnf")}`;
  return execFileSync("mariadb", [from, "--batch", "--skip-column-names", ...(database ? [database] : [])], { input: text, encoding: "utf8", maxBuffer: 1 << 26 }).trim();
}

function isLoaded(end: number): boolean {
  const there = sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'capri_console' AND table_name = 'large_loaded'") === "1";
  return there && sql("SELECT stopMillis FROM large_loaded", "capri_console") === String(end);
}

/** Tasks through the interface, their history by SQL while nobody serves. */
async function load(home: string, end: number) {
  console.log(`loading ${rows} batches of ${tasks} tasks`);
  sql("DROP DATABASE IF EXISTS capri_console; CREATE DATABASE capri_console CHARACTER SET utf8mb4");
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const capri = await Capri.over(home, "", ...flags);
  await capri.apply(taskFiles()).finally(() => capri.end());
  const settings = `SET @rows := ${rows}, @days := ${days}, @lives := 200000, @needs := 20000, @stop := ${end}; SET GLOBAL innodb_flush_log_at_trx_commit = 0;\n`;
  sql(settings + readFileSync(script, "utf8"), "capri_console");
  sql("SET GLOBAL innodb_flush_log_at_trx_commit = 1");
  writeFileSync(join(home, "password"), capri.password, { mode: 0o600 });
}

const name = (letter: "h" | "d", k: number) => `large_${letter}_${String(k).padStart(4, "0")}`;

const today = () => new Date().toISOString().slice(0, 10);

/** Layers of hourly tasks with three parents in the layer before, and daily ones behind all layers. They are valid for the past only: the master makes nothing new. */
function taskFiles(): string {
  const files = [projectFile];
  for (let k = 1; k <= hourly; k++) files.push(taskFile(name("h", k), "hour", k, k <= width ? [] : behind(Math.floor((k - 1) / width) - 1, k, 3)));
  for (let k = 1; k <= daily; k++) files.push(taskFile(name("d", k), "day", k, behind(k % Math.floor(hourly / width), k, k <= 300 ? 4 : 3)));
  return files.join("---\n");
}

const behind = (layer: number, k: number, n: number) => Array.from({ length: n }, (_, i) => name("h", layer * width + ((k + i * 7) % width) + 1));

const projectFile = `apiVersion: capri/v1
kind: Project
metadata: {name: large, title: Much}
`;

const taskFile = (task: string, period: string, k: number, parents: string[]) => `apiVersion: capri/v1
kind: Task
metadata: {name: ${task}, title: "${period} report ${k}", project: large, owner: admin}
spec:
  period: ${period}
  valid: {from: 2015-01-01, to: ${today()}}
  priority: ${k % 10}
  parents: [${parents.map((p) => `{task: ${p}}`).join(", ")}]
  run: {type: shell, script: ":"}
`;
