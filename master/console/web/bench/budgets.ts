import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, it } from "vitest";
import { launch } from "../test/browser";
import type { Capri } from "../test/capri";
import { Figures } from "./figures";
import { measureFirstLoad } from "./firstload";
import { measureGraph } from "./graph";
import { measureGrid } from "./grid";
import { measureList } from "./list";
import { measureLog } from "./log";
import { Visitor } from "./visitor";
import { openWorld } from "./world";

const figures = new Figures();
let capri: Capri;
let browser: Browser;
let visitor: Visitor;

beforeAll(async () => {
  capri = await openWorld();
  browser = await launch();
  visitor = await Visitor.logIn(browser, capri);
  figures.begin();
});

afterAll(async () => {
  await browser?.close();
  await capri?.end();
});

describe("the budgets of the console", () => {
  it("first load", () => measureFirstLoad(visitor, figures));
  it("list", () => measureList(visitor, figures));
  it("grid", () => measureGrid(visitor, figures));
  it("graph", () => measureGraph(visitor, figures));
  it("log", () => measureLog(visitor, figures));
  it("all within", () => figures.expectWithin());
});
