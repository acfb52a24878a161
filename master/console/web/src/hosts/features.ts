import type { words } from "./words";

type Word = keyof (typeof words)["en"];

const known: [name: string, can: Word, cannot: Word][] = [
  ["session", "session", "sessionNot"],
  ["run-timeout", "timeouts", "timeoutsNot"],
  ["keeper", "keeper", "keeperNot"],
  ["accounts", "accounts", "accountsNot"],
  ["no-new-privs", "privileges", "privilegesNot"],
];

const limits: [name: string, kept: Word, not: Word][] = [
  ["memory", "memoryKept", "memoryNot"],
  ["processes", "processesKept", "processesNot"],
];

/** What a worker can enforce, and what of what others can it cannot; what this version has no words for is shown as it is. */
export function features(has: string[], t: (word: Word) => string): { can: string[]; cannot: string[] } {
  const can: string[] = [];
  const cannot: string[] = [];
  for (const [name, able, unable] of known) (has.includes(name) ? can : cannot).push(t(has.includes(name) ? able : unable));
  const kernel = has.some((name) => name.startsWith("cgroup"));
  for (const [name, kept, not] of limits) {
    if (has.includes(`${name}: sampled`)) cannot.push(t(not));
    else if (kernel) can.push(t(kept));
  }
  const told = (name: string) => name.endsWith(": sampled") || known.some(([k]) => k === name);
  return { can: [...can, ...has.filter((name) => !told(name))], cannot };
}
