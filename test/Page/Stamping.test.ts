/** Stamps and selections while drawing a first generation: by keys, by the mouse, and for screen readers. */
import { assert, describe, it } from "@effect/vitest"
import type { Page } from "playwright-core"
import { findings } from "./Axe.ts"
import { eventually, harness, openPanel, untilColour, untilText } from "./Harness.ts"

const test = harness({ theme: "mono" })

const grid = { width: 12, height: 12 }
const alive = [28, 33, 43]
const dead = [247, 248, 250]

const openBoard = async (page: Page) => {
  await openPanel(page)
  await page.getByText("Drawn or loaded").click()
  await page.locator("#width").fill("12")
  await page.locator("#height").fill("12")
  await page.getByRole("button", { name: "Draw on the grid" }).click()
  await page.locator("#drawing").waitFor()
}

describe("Stamps", () => {
  it("Stamps by keys: a pattern of the library is moved, rotated, placed, and undone", async () => {
    const page = await test.visit()
    await openBoard(page)
    await page.getByLabel("Stamp a pattern").selectOption("blinker")
    await untilText(page, "#drawing-tool", /^blinker, 3 × 1, at row 6, column 5\. Enter places it/)
    await untilColour(page, grid, 6, 5, alive)
    // The grid has the focus, so the keys move the stamp from the central cell.
    await page.keyboard.press("Shift+ArrowUp")
    await untilText(page, "#drawing-tool", /^blinker, 3 × 1, at row 5, column 5\./)
    await untilColour(page, grid, 6, 5, dead)
    await page.keyboard.press("r")
    await untilText(page, "#drawing-tool", /^blinker, 1 × 3, at row 4, column 6\./)
    await page.keyboard.press("Enter")
    await untilText(page, "#toast", /^Placed\./)
    await page.keyboard.press("Escape")
    await untilText(page, "#drawing-tool", "")
    for (const row of [4, 5, 6]) await untilColour(page, grid, row, 6, alive)
    await page.keyboard.press("Control+z")
    await untilColour(page, grid, 4, 6, dead)
    assert.isTrue(await page.locator("#drawing-undo").isDisabled())
  })

  it("Stamps by fingers: no text on the screen is of keys that a phone has not", async () => {
    const page = await test.visit("", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    await openBoard(page)
    await page.getByLabel("Stamp a pattern").selectOption("blinker")
    await untilText(page, "#drawing-tool", /^blinker, 3 × 1, at row 6, column 5\. Enter places it/)
    const areKeysSeen = () => page.locator("#drawing-tool-keys").isVisible()
    assert.isFalse(await areKeysSeen())
    await page.locator("#stamp-place").tap()
    await untilText(page, "#toast", "Placed. “Remove” puts the pattern away.")
    await page.locator("#stamp-drop").tap()
    await page.locator("#drawing-select").tap()
    await untilText(page, "#drawing-tool", /^1 × 1 cells selected/)
    assert.isFalse(await areKeysSeen())
  })

  it("Stamps by the mouse: a pattern follows it, and a click places it", async () => {
    const page = await test.visit()
    await openBoard(page)
    await page.getByLabel("Stamp a pattern").selectOption("blinker")
    const box = (await page.locator("#canvas").boundingBox())!
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    await page.mouse.move(middle.x + 1, middle.y + 1)
    await untilText(page, "#drawing-tool", /at row 6, column 5\./)
    await page.mouse.click(middle.x + 1, middle.y + 1)
    await untilText(page, "#toast", /^Placed\./)
    await page.getByRole("button", { name: "Remove" }).click()
    await page.keyboard.press("Escape")
    await untilText(page, "#drawn-text", "3 living cells are drawn.")
  })

  it("a text that is pasted while drawing is a stamp", async () => {
    const page = await test.visit()
    await openBoard(page)
    await page.evaluate(() => {
      const clipboardData = new DataTransfer()
      clipboardData.setData("text/plain", "x = 3, y = 3\nbo$2bo$3o!")
      document.querySelector("#grid")!.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }))
    })
    await untilText(page, "#drawing-tool", /^The pattern, 3 × 3, at row 5, column 5\./)
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await untilText(page, "#drawn-text", "5 living cells are drawn.")
  })

  it("Stamps says why a pattern can't be stamped", async () => {
    test.server.list = {
      ...test.server.list,
      patterns: [{ name: "racer", about: "", rows: ["CBA"], rule: "345/2/4" }]
    }
    const page = await test.visit()
    await openBoard(page)
    await page.getByLabel("Stamp a pattern").selectOption("racer")
    await untilText(page, "#toast", /cells in state 3, but the rule has only 2 states/)
  })
})

describe("Selections", () => {
  it("Selections by keys: copied as a pattern, cut, moved, erased", async () => {
    const page = await test.visit("", { permissions: ["clipboard-read", "clipboard-write"] })
    await openBoard(page)
    await page.getByLabel("Stamp a pattern").selectOption("glider")
    await untilText(page, "#drawing-tool", /^glider, 3 × 3, at row 5, column 5\./)
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Shift+ArrowUp")
    await page.keyboard.press("Shift+ArrowLeft")
    await page.keyboard.press("s")
    await untilText(page, "#drawing-tool", /^1 × 1 cells selected from row 5, column 5\./)
    for (const key of ["ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight"]) await page.keyboard.press(`Shift+${key}`)
    await untilText(page, "#drawing-tool", /^3 × 3 cells selected from row 5, column 5\./)
    await page.keyboard.press("Control+c")
    await untilText(page, "#toast", "The selected cells were copied as a pattern.")
    await eventually(async () =>
      assert.strictEqual(
        await page.evaluate(() => navigator.clipboard.readText()),
        "x = 3, y = 3, rule = B3/S23\nbo$2bo$3o!\n"
      )
    )
    await page.keyboard.press("m")
    await untilText(page, "#drawing-tool", /^The selection, 3 × 3, at row 5, column 5\./)
    await page.keyboard.press("Shift+ArrowDown")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await untilColour(page, grid, 8, 7, alive)
    await untilColour(page, grid, 7, 5, dead)
    await page.keyboard.press("s")
    await untilText(page, "#drawing-tool", /^1 × 1 cells selected from row 7, column 6\./)
  })

  it("Selections by the mouse and buttons: cut, and stamped elsewhere; axe finds nothing", async () => {
    const page = await test.visit("", { permissions: ["clipboard-read", "clipboard-write"] })
    await openBoard(page)
    await page.locator("#drawing-random").click()
    await page.getByRole("button", { name: "Select", exact: true }).click()
    const box = (await page.locator("#canvas").boundingBox())!
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    await page.mouse.move(middle.x - 2, middle.y - 2)
    await page.mouse.down()
    await page.mouse.move(middle.x + 2, middle.y + 2)
    await page.mouse.up()
    await untilText(page, "#drawing-tool", /^2 × 2 cells selected from row 5, column 5\./)
    assert.deepStrictEqual(await findings(page), [])
    await page.getByRole("button", { name: "Cut" }).click()
    for (const row of [5, 6]) for (const column of [5, 6]) await untilColour(page, grid, row, column, dead)
    await page.getByLabel("Stamp a pattern").selectOption("The copied cells")
    await untilText(page, "#drawing-tool", /^The copied cells, 2 × 2/)
    await page.getByRole("button", { name: "Remove" }).click()
    await page.locator("#drawing-undo").click()
    await page.locator("#drawing-undo").click()
    assert.isTrue(await page.locator("#drawing-undo").isDisabled())
  })
})
