/** What a viewer does on the page, and what the tests wait for. */
import type { Locator, Page } from "playwright-core"

/** Opens the menu that holds an element, if one does, while `use` is done with it. */
const within = async (page: Page, selector: string, use: (control: Locator) => Promise<unknown>): Promise<void> => {
  const control = page.locator(selector)
  const menu = await control.evaluate((element) => element.closest("[popover]")?.id)
  if (menu !== undefined) await page.locator(`[popovertarget="${menu}"]`).click()
  await use(control)
  if (menu !== undefined) await page.locator(`#${menu}`).evaluate((element: HTMLElement) => element.hidePopover())
}

/** Presses a button of the page by the name of its action. */
export const act = (page: Page, name: string): Promise<void> =>
  within(page, `.controls [data-action="${name}"]`, (button) => button.click())

/** Chooses a value of a list of the page. */
export const choose = (page: Page, id: string, value: string): Promise<void> =>
  within(page, `#${id}`, (list) => list.selectOption(value))

/** Waits until the text of an element is as expected. */
export const untilText = (page: Page, selector: string, expected: string | RegExp): Promise<unknown> =>
  page.waitForFunction(
    ({ flags, selector, source }) =>
      new RegExp(source, flags).test(document.querySelector(selector)?.textContent?.trim() ?? ""),
    typeof expected === "string"
      ? { selector, source: `^${expected.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`, flags: "" }
      : { selector, source: expected.source, flags: expected.flags }
  )
