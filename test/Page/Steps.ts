/** Actions of a viewer on the page, and conditions to wait for. */
import type { Locator, Page } from "playwright-core"

/** Opens the menu of an element, if there is one, while `use` runs. */
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

/** Opens the panel that starts games, and waits until it knows what the server offers. */
export const openPanel = async (page: Page): Promise<void> => {
  await page.locator('header [data-action="start"]').click()
  await page.getByRole("heading", { name: "Start a game" }).waitFor()
  await page.locator("#begin:enabled").waitFor()
}

/** Records the texts of an element from now on. `until` waits for a text, even if another one has followed it. */
export const notingTexts = async (page: Page, selector: string) => {
  const texts = await page.evaluateHandle((selector) => {
    const element = document.querySelector(selector)!
    const texts: Array<string> = []
    new MutationObserver(() => texts.push(element.textContent ?? "")).observe(element, {
      childList: true,
      characterData: true,
      subtree: true
    })
    return texts
  }, selector)
  return {
    all: () => texts.jsonValue(),
    until: (expected: string | RegExp) =>
      page.waitForFunction(
        ({ flags, source, texts }) => texts.some((text) => new RegExp(source, flags).test(text.trim())),
        { ...patternOf(expected), texts }
      )
  }
}

/** The whole text, or a pattern of it. */
const patternOf = (expected: string | RegExp) =>
  typeof expected === "string"
    ? { source: `^${expected.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`, flags: "" }
    : { source: expected.source, flags: expected.flags }

/** Waits until the text of an element is as expected. */
export const untilText = (page: Page, selector: string, expected: string | RegExp): Promise<unknown> =>
  page.waitForFunction(
    ({ flags, selector, source }) =>
      new RegExp(source, flags).test(document.querySelector(selector)?.textContent?.trim() ?? ""),
    { selector, ...patternOf(expected) }
  )
