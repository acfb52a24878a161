import { expect, it } from "vitest";
import { Newest } from "./newest";

it("does the first wish and then the newest of those that came meanwhile", async () => {
  const done: number[] = [];
  const seen: boolean[] = [];
  const ends: (() => void)[] = [];
  const newest: Newest<number> = new Newest<number>(async (wish) => {
    await new Promise<void>((end) => ends.push(end));
    done.push(wish);
    seen.push(newest.overtaken);
  });
  const all = newest.want(1);
  void newest.want(2);
  void newest.want(3);
  ends.shift()?.();
  await expect.poll(() => ends.length).toBe(1);
  ends.shift()?.();
  await all;
  expect(done).toEqual([1, 3]);
  expect(seen).toEqual([true, false]);
});

it("goes on after a wish that failed", async () => {
  const newest = new Newest<boolean>((fails) => (fails ? Promise.reject(new Error("no")) : Promise.resolve()));
  await expect(newest.want(true)).rejects.toThrow("no");
  await expect(newest.want(false)).resolves.toBeUndefined();
});
