import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const binary = process.env.CAPRI_BIN ?? resolve(import.meta.dirname, "../../../../bin/capri");

/** A `capri dev` of its own in a folder of its own. */
export class Capri {
  private process?: ChildProcess;
  private out = "";
  password = "";

  private constructor(readonly dir: string, readonly port: number) {}

  static async start(...flags: string[]): Promise<Capri> {
    const capri = new Capri(mkdtempSync(join(tmpdir(), "capri-console-")), await freePort());
    await capri.up(...flags);
    return capri;
  }

  /** One over a folder that is kept: its password is that of the first start. */
  static async over(dir: string, password: string, ...flags: string[]): Promise<Capri> {
    const capri = new Capri(dir, await freePort());
    capri.password = password;
    await capri.up(...flags);
    return capri;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get token() {
    return readFileSync(join(this.dir, "token"), "utf8").trim();
  }

  /** Starts the process, again after `kill`, and waits until it serves. */
  async up(...flags: string[]): Promise<void> {
    const args = ["dev", "--data-dir", this.dir, "--listen", `127.0.0.1:${this.port}`, "--demo", "none", "--timezone", "Asia/Shanghai", ...flags];
    const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.process = child;
    for (const pipe of [child.stdout, child.stderr])
      pipe.on("data", (piece: Buffer) => {
        this.out += piece.toString();
      });
    await until(`capri dev serves; it said\n${this.out}`, async () => {
      if (child.exitCode !== null) throw new Error(`capri dev ended:\n${this.out}`);
      const ready = await fetch(`${this.url}/readyz`).catch(() => undefined);
      return ready?.ok ?? false;
    });
    this.password ||= /with the password (\S+)/.exec(this.out)?.[1] ?? "";
    if (this.password === "") throw new Error(`no password in\n${this.out}`);
  }

  /** Kills the process as a power cut would, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }

  /** Calls the interface with the administrator's token; the answer's body. */
  async call<T = unknown>(method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  /** Saves task files. */
  async apply(yaml: string): Promise<void> {
    const answer = await this.call<{ applied: boolean }>("POST", "/tasks/apply", { files: [{ name: "test.yaml", text: yaml }] });
    if (!answer.applied) throw new Error(`not saved: ${JSON.stringify(answer)}`);
  }

  /** Ends the process in good order. */
  async end(): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await gone;
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Waits for a condition; what it is about is in the error when it does not come. */
export async function until(what: string, holds: () => Promise<boolean>, millis = 60_000): Promise<void> {
  const end = Date.now() + millis;
  for (;;) {
    if (await holds()) return;
    if (Date.now() > end) throw new Error(`waited ${millis} ms until ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") return fail(new Error("no port"));
      server.close(() => done(address.port));
    });
  });
}
