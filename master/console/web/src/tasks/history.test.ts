import { expect, it } from "vitest";
import { noHistory, noted, redone, undone } from "./history";

it("takes back what was changed at once, and does it again", () => {
  let h = noted(noHistory, "", 1_000);
  h = noted(h, "a", 1_100); // goes on
  h = noted(h, "ab", 5_000);
  const [one, before] = undone(h, "abc") ?? [h, "?"];
  expect(before).toBe("ab");
  const [two, first] = undone(one, before) ?? [one, "?"];
  expect(first).toBe("");
  expect(undone(two, first)).toBeUndefined();
  const [three, again] = redone(two, first) ?? [two, "?"];
  expect(again).toBe("ab");
  expect(redone(three, again)?.[1]).toBe("abc");
});

it("forgets what was taken back once something else is written", () => {
  const [h, text] = undone(noted(noHistory, "a", 1), "b") ?? [noHistory, "?"];
  expect(redone(noted(h, text, 9_999), "c")).toBeUndefined();
});
