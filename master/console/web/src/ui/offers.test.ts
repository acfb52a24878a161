import { expect, it } from "vitest";
import { offersFor } from "./offers";

const found = ["dwd_orders_d", "orders_d", "orders_d_old", "stock_d"].map((name) => ({ name, title: name === "stock_d" ? "Goods" : "" }));

it.each([
  ["the name itself comes first", "orders_d", false, "orders_d,orders_d_old,dwd_orders_d,stock_d"],
  ["what was found for another text goes unless it fits", "stock", true, "stock_d"],
  ["also by its title", "goods", true, "stock_d"],
  ["nothing fits", "revenue", true, ""],
  ["nothing is typed", " ", true, "dwd_orders_d,orders_d,orders_d_old,stock_d"],
])("offers: %s", (_, typed, old, want) => {
  expect(offersFor(found, typed, old).map((o) => o.name).join(",")).toBe(want);
});
