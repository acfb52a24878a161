import type { Locator, Page } from "playwright-core";

/** Ways to work with a page: the same script is done by mouse and by keyboard alone. */
export interface Hands {
  readonly name: string;
  /** Follows a link, presses a button, opens a tab. */
  press(page: Page, target: Locator): Promise<void>;
  /** Chooses one of several. */
  choose(page: Page, option: Locator): Promise<void>;
  /** Replaces what stands in a field. */
  write(page: Page, field: Locator, text: string): Promise<void>;
  /** Searches a list that a field offers, and takes what is found. */
  pick(page: Page, field: Locator, text: string): Promise<void>;
}

const offer = ".ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option";

export const mouse: Hands = {
  name: "mouse",
  press: (_, target) => target.click(),
  choose: (_, option) => option.check(),
  write: (_, field, text) => field.fill(text),
  async pick(page, field, text) {
    await field.click();
    await page.keyboard.type(text);
    await page.locator(offer).filter({ hasText: text }).click();
  },
};

export const keyboard: Hands = {
  name: "keyboard alone",
  async press(page, target) {
    await tabTo(page, target);
    await page.keyboard.press((await target.getAttribute("role")) === "switch" ? "Space" : "Enter");
  },
  async choose(page, option) {
    const group = page.locator("input[type=radio]:checked").and(page.locator(`[name="${await option.getAttribute("name")}"]`));
    await tabTo(page, group);
    for (let i = 0; i < 10 && !(await option.isChecked()); i++) await page.keyboard.press("ArrowRight");
    if (!(await option.isChecked())) throw new Error("the arrow keys do not reach this choice");
  },
  async write(page, field, text) {
    await tabTo(page, field);
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.insertText(text);
  },
  async pick(page, field, text) {
    await tabTo(page, field);
    await page.keyboard.type(text);
    await page.locator(offer).filter({ hasText: text }).waitFor();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
  },
};

const has = (target: Locator) => target.evaluate((e) => e === document.activeElement);

/** Presses Tab until an element has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, target: Locator) {
  await target.waitFor();
  for (let i = 0; i < 150; i++) {
    if (await has(target)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${target}`);
}
