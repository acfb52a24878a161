import { expect, it } from "vitest";
import { choiceOf, chosenKeys } from "./chosen";

const all = ["state", "why", "project", "worker", "origin"];
const usual = ["state", "why", "worker"];

it.each([
  [undefined, usual],
  [null, usual],
  ["", usual],
  ["nothing,known", usual],
  ["origin,state", ["state", "origin"]],
  ["why,why,old", ["why"]],
  ["state,why,project,worker,origin", all],
])("%j chooses %j", (text, want) => expect(chosenKeys(text, all, usual)).toEqual(want));

it.each([
  [usual, undefined],
  [["worker", "state", "why"], undefined],
  [["state"], "state"],
  [["state", "why", "origin"], "state,why,origin"],
])("%j is kept as %j", (keys, want) => expect(choiceOf(keys, usual)).toBe(want));
