import { expect, it } from "vitest";
import { partsOf } from "./logcolours";

const escape = String.fromCharCode(27);

it("shows colours and weight, and nothing of other orders to terminals", () => {
  expect(partsOf(`${escape}[1;31mbad${escape}[0m ${escape}[2Kgood${escape}]0;title${String.fromCharCode(7)}!`)).toEqual([
    { text: "bad", look: "bold ink-red" },
    { text: " ", look: "" },
    { text: "good", look: "" },
    { text: "!", look: "" },
  ]);
});

it("leaves colours of large palettes out, and what stands behind them in force", () => {
  expect(partsOf(`${escape}[38;5;196;32mx${escape}[39my`)).toEqual([
    { text: "x", look: "ink-green" },
    { text: "y", look: "" },
  ]);
});

it("shows letters without a shape by their signs", () => {
  expect(partsOf("10%\r20%\u0000\t|")).toEqual([{ text: "10%␍20%␀\t|", look: "" }]);
});
