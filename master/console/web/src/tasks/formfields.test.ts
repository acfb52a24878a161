import { expect, it } from "vitest";
import type { Api } from "../api/client";
import { findingsOf, limits, orderOf, script, typedValue } from "./formfields";
import { type Source, readSource } from "./yamlnode";

const text = `apiVersion: capri/v1
kind: Task
metadata:
  name: x
spec:
  period: cron
  parents:
    - task: a
    - task: b
  run:
    script: |
      one
      two
`;

const finding = (line: number, message: string): Api["Finding"] => ({ file: "f", line, severity: "error", code: "x", message });

it("puts findings at the fields of their lines, or that they name", () => {
  const found = findingsOf(readSource(text) as Source, [
    finding(9, "b is not known"),
    finding(13, "no such macro"),
    finding(3, "metadata.owner is missing"),
    finding(2, 'spec.timeouts.run: "soon" is no length of time'),
    finding(1, "something else"),
  ]);
  expect([...found].map(([key, all]) => `${key}: ${all.map((f) => f.message)}`)).toEqual(["spec.parents: b is not known", "spec.run.script: no such macro", "metadata.owner: metadata.owner is missing", 'spec.timeouts.run: spec.timeouts.run: "soon" is no length of time']);
});

it("writes numbers as numbers, and scripts with one line end", () => {
  const times = limits.find((f) => f.word === "retryTimes") ?? script;
  const late = limits.find((f) => f.word === "dependTimeout") ?? script;
  expect(typedValue(times, " 3 ")).toBe(3);
  expect(typedValue(late, "-1")).toBe(-1);
  expect(typedValue(late, "06:00")).toBe("06:00");
  expect(typedValue(script, "echo a  \n\n")).toBe("echo a\n");
});

it("knows the order of keys", () => {
  expect(orderOf(["spec"]).indexOf("period")).toBe(0);
  expect(orderOf(["spec", "parents", 0])).toEqual([]);
});
