import { cpus, loadavg } from "node:os";

type Figure = { what: string; millis: number[]; wanted?: number };

/** Prints how each figure stands, and remembers what is over its budget. */
export class Figures {
  private readonly over: string[] = [];

  begin() {
    this.load();
    print("what", ["times", "p50 ms", "p95 ms", "worst", "budget", ""]);
  }

  /** Times of one thing, in milliseconds; with a budget, their p95 has to be within. */
  times({ what, millis, wanted }: Figure) {
    if (millis.length === 0) throw new Error(`${what} was not measured`);
    const sorted = [...millis].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    print(what, [String(sorted.length), whole(at(0.5)), whole(at(0.95)), whole(at(1)), ...this.judge(what, at(0.95), wanted)]);
  }

  /** An amount that is no time; its unit is in its name. */
  amount(what: string, n: number, wanted: number) {
    print(what, ["", whole(n), "", "", ...this.judge(what, n, wanted)]);
  }

  /** What else the machine does: the browser, the master and its database share it with whoever is there. */
  load() {
    console.log(`${cpus().length} processors, load average ${loadavg()[0]?.toFixed(1)}`);
  }

  expectWithin() {
    this.load();
    if (this.over.length > 0) throw new Error(`over their budgets:\n  ${this.over.join("\n  ")}`);
  }

  private judge(what: string, n: number, wanted?: number): string[] {
    if (wanted === undefined) return ["", ""];
    if (n > wanted) this.over.push(what);
    return [`≤ ${wanted}`, n <= wanted ? "ok" : "OVER"];
  }
}

const width = 64;

function print(what: string, cells: string[]) {
  console.log((what.padEnd(width) + cells.map((cell) => cell.padStart(8)).join("")).trimEnd());
}

const whole = (n: number) => (n < 10 ? n.toFixed(1) : String(Math.round(n)));
