import { expect, test } from "vitest";
import { layAside } from "./mailframe";

test("styles of elements are laid aside, and text stays", () => {
  expect(layAside(`<td align="right" style="color:red">a style="b" &lt;p style="c"&gt;</td>`)).toBe(`<td align="right" data-look="color:red">a style="b" &lt;p style="c"&gt;</td>`);
});
