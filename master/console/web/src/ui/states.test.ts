import { describe, expect, it } from "vitest";
import { type Sight, contrast, difference } from "./sight";
import { glyphs, isLate, lookOf, palettes } from "./states";

describe("difference", () => {
  it("is that of the data of Sharma, Wu and Dalal for colours we can write", () => {
    expect(difference("#000000", "#ffffff", "normal")).toBeCloseTo(100, 0);
    expect(difference("#cf2122", "#cf2122", "normal")).toBe(0);
    expect(difference("#ff0000", "#00ff00", "normal")).toBeCloseTo(86.6, 0);
  });
});

describe("the palette", () => {
  for (const mode of ["light", "dark"] as const)
    for (const sight of ["normal", "protan", "deutan", "tritan"] satisfies Sight[])
      it(`is told apart in ${mode} by ${sight} sight`, () => {
        const all = Object.entries(palettes[mode]);
        const close = all.flatMap(([a, one], i) => all.slice(i + 1).map(([b, other]) => ({ pair: `${a} ${b}`, is: difference(one, other, sight) }))).filter((p) => p.is < 10);
        expect(close).toEqual([]);
      });

  it("stands out from the ground of the page", () => {
    const ground = { light: "#ffffff", dark: "#0f1420" };
    for (const mode of ["light", "dark"] as const)
      for (const [name, colour] of Object.entries(palettes[mode])) expect(contrast(colour, ground[mode]), `${mode} ${name}`).toBeGreaterThanOrEqual(3.1);
  });

  it("has a glyph of its own for every state", () => {
    expect(new Set(Object.values(glyphs)).size).toBe(Object.keys(glyphs).length);
  });
});

describe("lookOf", () => {
  it.each([
    [{ state: "waiting", finish: "none" }, "waiting"],
    [{ state: "waiting", finish: "depend-timeout" }, "waiting"],
    [{ state: "waiting", finish: "none", gate: "BATCH_HELD" }, "held"],
    [{ state: "waiting", finish: "none", gate: "DQ_GATE" }, "held"],
    [{ state: "waiting", finish: "none", gate: "NO_WORKER" }, "waiting"],
    [{ state: "assigned", finish: "none", gate: "BATCH_HELD" }, "assigned"],
    [{ state: "running", finish: "output-timeout" }, "running"],
    [{ state: "done", finish: "success" }, "ok"],
    [{ state: "done", finish: "failed" }, "failed"],
    [{ state: "done", finish: "lost" }, "failed"],
    [{ state: "done", finish: "killed" }, "killed"],
    [{ state: "done", finish: "skipped" }, "skipped"],
  ])("%o looks %s", (batch, look) => expect(lookOf(batch)).toBe(look));

  it("keeps lateness beside the state", () => {
    expect(isLate({})).toBe(false);
    expect(isLate({ outputTimeoutAt: 1 })).toBe(true);
  });
});
