import { expect, it } from "vitest";
import { gather } from "./gather";

/** A list of n rows in pages of three. */
const list = (n: number) => (cursor?: string) => {
  const from = Number(cursor ?? 0);
  const items = Array.from({ length: Math.min(3, n - from) }, (_, i) => from + i);
  return Promise.resolve({ items: items.length > 0 ? items : null, next: from + 3 < n ? String(from + 3) : "" });
};

it.each([
  [0, 10, 0, false],
  [2, 10, 2, false],
  [7, 10, 7, false],
  [6, 6, 6, false],
  [7, 6, 6, true],
  [8, 7, 7, true],
])("of %i rows, %i at most, reads %i", async (n, most, length, cut) => {
  const got = await gather(list(n), most);
  expect(got.rows).toEqual(Array.from({ length }, (_, i) => i));
  expect(got.cut).toBe(cut);
});
