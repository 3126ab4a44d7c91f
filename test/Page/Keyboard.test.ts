/** Goes through the page with Tab: every control is reached in the order of the page, has a visible focus, and can be left. */
import { assert, describe, it } from "@effect/vitest"
import type { Page } from "playwright-core"
import { act, eventually, harness, openPanel, untilText } from "./Harness.ts"
import { scattered, TestGame } from "./TestGame.ts"

const test = harness({})

const begin = async (viewport: { readonly width: number; readonly height: number }) => {
  test.server.list = { ...test.server.list, hasControl: true }
  test.server.control = { type: "state", game: "running", speed: 10 }
  const game = TestGame.running(test.server.state, 32, 32, scattered)
  const page = await test.visit("", { viewport, reducedMotion: "reduce" })
  await page.evaluate(naming)
  await untilText(page, "#phase", "Running")
  await page.locator("#run").waitFor()
  game.advance()
  await untilText(page, "#generation", "1")
  // Generations that come close together are drawn as one frame. Then there is no frame to go back to yet.
  await eventually(async () => {
    game.advance()
    assert.isAbove(await page.locator("[data-action='back']:enabled").count(), 0)
  })
  // It comes within half a second of the game.
  await page.locator("#break").waitFor()
  return page
}

/** Runs in the page: a name for a control. */
const naming = () => {
  Object.assign(window, {
    nameOf: (element: Element) =>
      element.id ||
      element.getAttribute("data-action") ||
      (element instanceof HTMLInputElement ? `${element.name} ${element.value}` : element.textContent!.trim())
  })
}

declare const nameOf: (element: Element) => string

/** The controls that can have the focus now, in document order. A group of radio buttons counts as its chosen one. */
const reachable = (page: Page, within: string): Promise<ReadonlyArray<string>> =>
  page.evaluate((within) => {
    const hasFocus = (element: Element) =>
      element.checkVisibility({ visibilityProperty: true }) &&
      !(element instanceof HTMLInputElement && element.type === "radio" && !element.checked) &&
      !element.matches(":disabled")
    const candidates = "a[href], button, input, select, textarea, summary, [tabindex='0']"
    return [...document.querySelector(within)!.querySelectorAll(candidates)].filter(hasFocus).map(nameOf)
  }, within)

interface Stop {
  readonly name: string
  /** What is wrong with the visibility of the focus, if anything. */
  readonly problem: string
}

/** The control with the focus, and whether the focus is visible. */
const stop = (page: Page): Promise<Stop> =>
  page.evaluate(() => {
    const element = document.activeElement
    if (element === null || element === document.body) return { name: "", problem: "" }
    const name = nameOf(element)
    // The frame of a pattern stands about its hidden button.
    const framed = element.closest(".pattern") ?? element
    const { outlineStyle, outlineWidth } = getComputedStyle(framed)
    const box = framed.getBoundingClientRect()
    const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
    const isSeen = at !== null && (framed.contains(at) || at.contains(framed))
    return {
      name,
      problem:
        outlineStyle === "none" || Number.parseFloat(outlineWidth) < 2
          ? "has no outline"
          : isSeen
            ? ""
            : "is covered, or outside of the window"
    }
  })

/** Presses a key until the focus has left the page or is back at the same control. */
const walk = async (page: Page, key: "Tab" | "Shift+Tab"): Promise<ReadonlyArray<Stop>> => {
  const stops = [await stop(page)]
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press(key)
    const next = await stop(page)
    if (next.name === "" || next.name === stops[0]!.name) return stops
    stops.push(next)
  }
  throw new Error(`The focus does not come out: ${stops.map(({ name }) => name).join(", ")}`)
}

const names = (stops: ReadonlyArray<Stop>) => stops.map(({ name }) => name)

const problems = (stops: ReadonlyArray<Stop>) =>
  stops.filter(({ problem }) => problem !== "").map(({ name, problem }) => `${name} ${problem}`)

const screens = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 }
]

describe("By keyboard", () => {
  for (const viewport of screens) {
    const name = `${viewport.width} pixels wide`

    it(`Tab reaches everything in its order, seen, and leaves again; Shift+Tab goes back: ${name}`, async () => {
      const page = await begin(viewport)
      await act(page, "time")
      await page.locator("#timeline-range:enabled").waitFor()
      await page.locator("summary").click()
      const all = await reachable(page, "body")
      assert.includeMembers([...all], ["help", "start", "grid", "timeline-range", "back", "play", "theme", "run-speed"])
      await page.locator("header [data-action='help']").focus()
      const forth = await walk(page, "Tab")
      assert.deepStrictEqual(names(forth), all)
      assert.deepStrictEqual(problems(forth.slice(1)), [])
      await page.locator("summary").focus()
      const back = await walk(page, "Shift+Tab")
      assert.deepStrictEqual(names(back).reverse(), all)
      assert.deepStrictEqual(problems(back.slice(1)), [])
    })

    it(`menus open, are walked through, and close with Escape: ${name}`, async () => {
      const page = await begin(viewport)
      for (const menu of ["view-menu", "save-menu"]) {
        const button = page.locator(`[popovertarget="${menu}"]`)
        await button.focus()
        await page.keyboard.press("Enter")
        await page.locator(`#${menu}:popover-open`).waitFor()
        for (const expected of await reachable(page, `#${menu}`)) {
          await page.keyboard.press("Tab")
          assert.deepStrictEqual(await stop(page), { name: expected, problem: "" })
        }
        await page.keyboard.press("Escape")
        await page.locator(`#${menu}`).waitFor({ state: "hidden" })
        await eventually(async () =>
          assert.isTrue(await button.evaluate((element) => element === document.activeElement))
        )
      }
    })

    it(`dialogs hold the focus, show it, and give it back at Escape: ${name}`, async () => {
      const page = await begin(viewport)
      for (const dialog of ["help", "start"]) {
        const button = page.locator(`header [data-action="${dialog}"]`)
        await button.focus()
        await page.keyboard.press("Enter")
        await page.locator(`#${dialog}[open]`).waitFor()
        if (dialog === "start") await page.locator("#begin:enabled").waitFor()
        const all = await reachable(page, `#${dialog}`)
        const seen = await walk(page, "Tab")
        for (const control of all) assert.include(names(seen), control)
        assert.deepStrictEqual(problems(seen.filter(({ name }) => all.includes(name))), [])
        await page.keyboard.press("Escape")
        await page.locator(`#${dialog}`).waitFor({ state: "hidden" })
        await eventually(async () =>
          assert.isTrue(await button.evaluate((element) => element === document.activeElement))
        )
      }
    })

    it(`Escape ends the time line, the full screen and drawing: ${name}`, async () => {
      const page = await begin(viewport)
      const grid = page.locator("#grid")
      await grid.focus()
      await page.keyboard.press("b")
      await eventually(async () => assert.deepStrictEqual(await stop(page), { name: "timeline-range", problem: "" }))
      await page.keyboard.press("Escape")
      await page.locator("#timeline").waitFor({ state: "hidden" })
      await eventually(async () => assert.strictEqual((await stop(page)).name, "grid"))
      await page.keyboard.press("o")
      await page.locator("#leave-big").waitFor()
      await page.keyboard.press("Tab")
      assert.deepStrictEqual(await stop(page), { name: "leave-big", problem: "" })
      await page.keyboard.press("Escape")
      await page.locator("#leave-big").waitFor({ state: "hidden" })
      // What had the focus is gone, and the keys must still do something.
      const gridHasFocus = () => eventually(async () => assert.strictEqual((await stop(page)).name, "grid"))
      await gridHasFocus()
      await openPanel(page)
      await page.getByLabel("Drawn or loaded").check()
      await page.getByRole("button", { name: "Draw on the grid" }).press("Enter")
      await page.locator("#drawing").waitFor()
      await eventually(async () => assert.strictEqual((await stop(page)).name, "grid"))
      const bar = await reachable(page, "#drawing")
      const walked = await walk(page, "Tab")
      assert.includeMembers(names(walked).slice(), bar.slice())
      assert.deepStrictEqual(problems(walked), [])
      await page.locator("#drawing-random").press("Enter")
      await page.locator("#drawing-undo").press("Enter")
      await page.locator("#drawing-undo:disabled").waitFor()
      await gridHasFocus()
      await page.locator("#drawing-random").focus()
      await page.keyboard.press("Escape")
      await page.locator("#drawing").waitFor({ state: "hidden" })
      await page.locator("#start[open]").waitFor()
      await page.keyboard.press("Escape")
      await page.locator("#start").waitFor({ state: "hidden" })
      await gridHasFocus()
    })
  }
})
