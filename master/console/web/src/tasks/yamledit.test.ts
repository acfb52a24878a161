import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { addTo, dropAt, setAt } from "./yamledit";
import { type Path, type Source, linesOf, readSource, textAt } from "./yamlnode";
import type { Value } from "./yamlscalar";

const file = `# head
apiVersion: capri/v1
kind: Task
metadata:
  name: my_task_d          # small letters
  title: ""
spec:
  period: day              # hour or day
  # earliest: "02:30"
  parents:
    - task: a   # first

    - {task: b, last: true}
  retry: {times: 3, interval: 5m}
  run:
    type: shell
    script: |  # what runs
        echo a

        echo b

# tail
---
kind: Project
`;

function source(text: string): Source {
  const found = readSource(text);
  if (!("root" in found)) throw new Error(`cannot be read: ${found.problem}`);
  return found;
}

const order = () => ["period", "cron", "enabled", "valid", "priority", "workers", "parents", "retry", "timeouts", "run"];

/** What of a file another one lacks, and what it has instead. */
function change(before: string, after: string): [string, string] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  while (a.length && b.length && a[0] === b[0]) a.shift(), b.shift();
  while (a.length && b.length && a.at(-1) === b.at(-1)) a.pop(), b.pop();
  return [a.join("\n"), b.join("\n")];
}

const set = (path: Path, value: Value, text = file) => change(text, setAt(source(text), path, value, order));
const dropped = (path: Path, text = file) => change(text, dropAt(source(text), path));
const added = (path: Path, value: Value, text = file) => change(text, addTo(source(text), path, value, order));

describe("setAt", () => {
  it("replaces a value and keeps the comment", () => {
    expect(set(["spec", "period"], "hour")).toEqual(["  period: day              # hour or day", "  period: hour              # hour or day"]);
    expect(set(["spec", "retry", "times"], 5)).toEqual(["  retry: {times: 3, interval: 5m}", "  retry: {times: 5, interval: 5m}"]);
  });
  it("keeps quotes, and sets them where they are needed", () => {
    expect(set(["metadata", "title"], "Orders: all")[1]).toBe('  title: "Orders: all"');
    expect(set(["metadata", "name"], "true")[1]).toBe('  name: "true"          # small letters');
    expect(set(["metadata", "name"], "12")[1]).toBe('  name: "12"          # small letters');
    expect(set(["title"], "it's", "kind: Task\ntitle: 'x'\n")[1]).toBe("title: 'it''s'");
  });
  it("puts a new key where it belongs, and makes the maps above it", () => {
    expect(set(["spec", "priority"], 2)).toEqual(["", "  priority: 2"]);
    expect(setAt(source(file), ["spec", "priority"], 2, order)).toContain("day\n  priority: 2\n  # earliest");
    expect(set(["spec", "timeouts", "run"], "1h")).toEqual(["", "  timeouts:\n    run: 1h"]);
    expect(set(["spec", "valid"], { from: "2026-01-01" })[1]).toBe("  valid:\n    from: \"2026-01-01\"");
    expect(set(["spec", "retry", "backoff"], 2)[1]).toBe("  retry: {times: 3, interval: 5m, backoff: 2}");
    expect(setAt(source("kind: Task"), ["apiVersion"], "x", order)).toBe("kind: Task\napiVersion: x\n");
  });
  it("fills a key that is empty", () => {
    expect(set(["spec", "cron"], "0 6 * * *", "kind: Task\nspec:\n  cron: # when\n")[1]).toBe('  cron: "0 6 * * *" # when');
    expect(set(["spec", "retry", "times"], 1, "kind: Task\nspec:\n  retry:\n")[1]).toBe("  retry:\n    times: 1".split("\n").slice(1).join("\n"));
  });
  it("writes scripts as blocks, as deep as before", () => {
    expect(set(["spec", "run", "script"], "echo c\n\n  echo d\n")).toEqual(["        echo a\n\n        echo b", "        echo c\n\n          echo d"]);
    expect(set(["spec", "run", "script"], "echo c")[1]).toBe("    script: |-  # what runs\n        echo c");
    expect(set(["spec", "script"], "a\nb\n", "kind: Task\nspec:\n  script: x # y\n  next: 1\n")[1]).toBe("  script: | # y\n    a\n    b");
    expect(set(["spec", "script"], "a\nb", "kind: Task\nspec: {script: x}\n")[1]).toBe('spec: {script: "a\\nb"}');
  });
  it("stays JSON in JSON", () => {
    expect(setAt(source('{"kind": "Task", "spec": {"period": "day"}}'), ["spec", "cron"], "x", order)).toBe('{"kind": "Task", "spec": {"period": "day", "cron": "x"}}');
  });
});

describe("dropAt", () => {
  it("takes the lines, and maps that become empty", () => {
    expect(dropped(["spec", "period"])).toEqual(["  period: day              # hour or day", ""]);
    expect(dropped(["spec", "retry", "times"])[1]).toBe("  retry: {interval: 5m}");
    expect(dropped(["spec", "retry", "interval"])[1]).toBe("  retry: {times: 3}");
    expect(dropped(["spec", "valid", "to"], "kind: Task\nspec:\n  valid:\n    to: 1\n  run: x\n")).toEqual(["  valid:\n    to: 1", ""]);
    expect(dropped(["spec", "none"])).toEqual(["", ""]);
  });
  it("takes items of lists", () => {
    expect(dropped(["spec", "parents", 0])[0]).toBe("    - task: a   # first");
    expect(dropped(["spec", "parents", 1])[0]).toBe("    - {task: b, last: true}");
    expect(dropped(["spec", "parents", 0], "kind: Task\nspec:\n  parents: [{task: a}, {task: b}]\n")[1]).toBe("  parents: [{task: b}]");
    expect(dropped(["spec", "parents", 0], "kind: Task\nspec:\n  parents: [{task: a}]\n  run: x\n")).toEqual(["  parents: [{task: a}]", ""]);
  });
});

describe("addTo", () => {
  it("adds behind the last one, in its way", () => {
    expect(added(["spec", "parents"], { task: "c" })).toEqual(["", "    - task: c"]);
    expect(added(["spec", "parents"], { task: "c" }, "kind: Task\nspec:\n  parents: [{task: a}]\n")[1]).toBe("  parents: [{task: a}, {task: c}]");
    expect(added(["spec", "parents"], { task: "c" }, "kind: Task\nspec:\n  parents: []\n")[1]).toBe("  parents: [{task: c}]");
    expect(added(["spec", "parents"], { task: "c" }, "kind: Task\nspec:\n  parents:\n  - task: a\n")[1]).toBe("  - task: c");
  });
  it("begins a list", () => expect(added(["spec", "inputs"], { path: "hdfs:///a/{{ biz_date }}" })[1]).toBe('  inputs:\n    - path: "hdfs:///a/{{ biz_date }}"'));
});

it("reads back what it has written, whatever it is", () => {
  const texts = ["", " x", "x ", "a: b", "#", "- a", "yes", "1e3", "0x1f", "02:30", "2026-01-01", "{a}", "标题", "a\nb", "a\n\n\n", "\n a", "  a\nb\n", "tab\there", "it's \"so\"", "%x", "@x", "a #b", "\\", "null", "~", "é\u2028"];
  for (const given of [file, '{"kind": "Task", "metadata": {"title": "x"}}', "kind: Task\nmetadata: {title: 'x'}", "kind: Task\nmetadata:\n  title: >-\n    a\n    b\n  name: x\n", "kind: Task\nmetadata:\n  title: x", "kind: Task\nmetadata:\n  name: x\n"])
    for (const text of texts) {
      const after = setAt(source(given), ["metadata", "title"], text, order);
      expect(textAt(source(after), ["metadata", "title"]), after).toBe(text);
      const others = (of: string) => parseAllDocuments(of).map((d) => { const js = d.toJS() as { metadata?: { title?: string } }; delete js.metadata?.title; return js; });
      expect(others(after)).toEqual(others(given));
    }
});

describe("readSource", () => {
  it("takes the first task, and says what cannot be read", () => {
    expect(textAt(source("kind: Project\n---\nkind: Task\nmetadata: {name: x}\n---\nkind: Task\n"), ["metadata", "name"])).toBe("x");
    expect(readSource("a: b: c\n")).toMatchObject({ line: 1 });
    expect(readSource("kind: Project\n")).toEqual({});
    expect(readSource("kind: Task\n---\na: b: c\n")).toHaveProperty("root");
  });
  it("knows the lines of what is there", () => {
    expect(linesOf(source(file), ["spec", "parents"])).toEqual([10, 13]);
    expect(linesOf(source(file), ["spec", "run", "script"])).toEqual([17, 20]);
    expect(linesOf(source(file), ["spec", "priority"])).toBeUndefined();
  });
});
