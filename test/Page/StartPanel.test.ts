import { assert, describe, it } from "@effect/vitest"
import type { Page } from "playwright-core"
import type { ControlRequest, ControlResponse } from "../../src/Protocol/Control.ts"
import { act, harness, hueOf, openPanel, untilColour, untilText } from "./Harness.ts"
import { TestGame } from "./TestGame.ts"

const test = harness()

const url = () => test.server.url.replace(/^http/, "ws").replace(/\/$/, "")

const command = (page: Page) => page.locator("#command").inputValue()

describe("Starting a game from the watch page", () => {
  it("Starting a game from the watch page shows the command for the chosen pattern, and copies it", async () => {
    const page = await test.visit("", { permissions: ["clipboard-read", "clipboard-write"] })
    await openPanel(page)
    assert.strictEqual(await command(page), `npx effect-c10k life -p glider -s 32 -l 10 --url ${url()}`)
    await untilText(page, "#pattern-about", "The smallest spaceship.")
    await page.getByRole("radio", { name: "blinker" }).check()
    await page.locator("#width").fill("40")
    await page.locator("#rule").fill("B36/S23")
    await page.locator("#edges").selectOption("plane")
    await page.locator("#speed").selectOption("1000")
    const expected = `npx effect-c10k life -p blinker --width 40 --height 32 --rule B36/S23 --topology plane -l 1000 --url ${url()}`
    assert.strictEqual(await command(page), expected)
    await page.getByRole("button", { name: "Copy the command" }).click()
    await untilText(page, "#toast", "The command was copied: run it in a terminal.")
    assert.strictEqual(await page.evaluate(() => navigator.clipboard.readText()), expected)
    // This server does not own its workers.
    assert.isTrue(await page.locator("#run").isHidden())
  })

  it("Starting a game from the watch page loads the patterns when they are first needed, and once", async () => {
    test.server.list = { ...test.server.list, hasControl: true }
    const page = await test.visitUrl("about:blank")
    const asked: Array<string> = []
    page.on("request", (request) => {
      if (request.url().endsWith("/patterns.json")) asked.push(request.url())
    })
    await page.goto(test.server.url)
    // By now the page has its scripts, both lines to the server, and a picture.
    await page.locator("#run").waitFor()
    await untilText(page, "#phase", "No game yet")
    assert.deepStrictEqual(asked, [])
    for (const _ of ["first", "again"]) {
      await openPanel(page)
      await page.locator("#start-close").click()
    }
    assert.strictEqual(asked.length, 1)
  })

  it("Starting a game from the watch page shows the command for random cells", async () => {
    const page = await test.visit()
    await openPanel(page)
    await page.getByLabel("Random cells").check()
    assert.strictEqual(await command(page), `npx effect-c10k life -s 32 -l 10 --url ${url()}`)
    await page.locator("#density").fill("40")
    await untilText(page, "#density-text", "40 %")
    assert.strictEqual(await command(page), `npx effect-c10k life --density 0.4 -s 32 -l 10 --url ${url()}`)
  })

  it("Starting a game from the watch page shows pictures of the patterns, also if they come after the panel was opened", async () => {
    const page = await test.visit()
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route("**/patterns.json", async (route) => {
      await released
      await route.continue()
    })
    await page.reload()
    await page.locator('header [data-action="start"]').click()
    await page.getByRole("heading", { name: "Start a game" }).waitFor()
    assert.strictEqual(await page.locator("#gallery canvas").count(), 0)
    release()
    await page.locator("#gallery canvas").first().waitFor()
    assert.isTrue(
      await page
        .locator("#gallery canvas")
        .first()
        .evaluate((canvas: HTMLCanvasElement) =>
          canvas
            .getContext("2d")!
            .getImageData(0, 0, canvas.width, canvas.height)
            .data.some((value) => value > 0)
        )
    )
  })

  it("Starting a game from the watch page says what is wrong with a choice", async () => {
    const page = await test.visit()
    await openPanel(page)
    await page.locator("#width").fill("2")
    await untilText(page, "#start-problem", "This pattern needs 3 columns and 3 rows.")
    assert.isTrue(await page.locator("#begin").isDisabled())
    await page.locator("#width").fill("2.5")
    await untilText(page, "#start-problem", "Columns and rows must be whole numbers from 1 on.")
    await page.locator("#width").fill("100000")
    await untilText(page, "#start-problem", "A grid has at most 1,000,000 cells.")
    await page.locator("#width").fill("5")
    await page.locator("#rule").fill(" ")
    await untilText(page, "#rule-problem", "A rule is needed, such as B3/S23.")
    await page.locator("#rule").fill("B3/S23")
    await page.getByLabel("Drawn or loaded").check()
    await untilText(page, "#start-problem", "Draw some living cells first.")
  })

  it("Starting a game from the watch page draws on the grid by mouse and keyboard", async () => {
    TestGame.running(test.server.state, 8, 8, (row, column) => row === 7 && column === 7)
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    await openPanel(page)
    await page.getByLabel("Drawn or loaded").check()
    await page.getByRole("button", { name: "Draw on the grid" }).click()
    const grid = { width: 8, height: 8 }
    await untilColour(page, grid, 7, 7, hueOf(0, 0))
    const box = (await page.locator("#grid").boundingBox())!
    const scale = Math.floor(Math.min((box.width - 32) / 8, (box.height - 32) / 8))
    const at = (row: number, column: number) =>
      [box.x + box.width / 2 + (column + 0.5 - 4) * scale, box.y + box.height / 2 + (row + 0.5 - 4) * scale] as const
    await page.mouse.move(...at(3, 2))
    await page.mouse.down()
    // The mouse jumps, and the cells in between are drawn too.
    await page.mouse.move(...at(3, 4))
    await page.mouse.up()
    await untilColour(page, grid, 3, 3, hueOf(0, 1))
    // Shift with arrow keys chooses a cell, beginning at the centre, and Enter changes it.
    await page.keyboard.press("Shift+ArrowUp")
    await page.keyboard.press("Shift+ArrowUp")
    await page.keyboard.press("Enter")
    await untilText(page, "#inspector", /^row 2, column 4: alive/)
    // Drawing on a living cell makes it dead.
    await page.mouse.click(...at(3, 3))
    await untilColour(page, grid, 3, 3, hueOf(0, 0))
    await page.locator("#drawing-done").click()
    await untilText(page, "#drawn-text", "3 living cells are drawn.")
    assert.strictEqual(
      await command(page),
      `printf '%s\\n' '2$4bo$2bobo4$8b!' | npx effect-c10k life -p - -C -s 8 -l 10 --url ${url()}`
    )
    // The page shows the game again.
    await untilColour(page, grid, 7, 7, hueOf(0, 1))
    await page.getByRole("button", { name: "Draw on the grid" }).click()
    await page.locator("#drawing-take").click()
    await untilColour(page, grid, 7, 7, hueOf(0, 1))
    await page.locator("#drawing-clear").click()
    await untilColour(page, grid, 7, 7, hueOf(0, 0))
    await page.locator("#drawing-random").click()
    await page.locator("#drawing-done").click()
    await untilText(page, "#drawn-text", /^\d+ living cells are drawn\.$/)
  })

  it("Starting a game from the watch page starts, pauses, steps and paces a game by the control channel", async () => {
    test.server.list = { ...test.server.list, hasControl: true }
    test.server.control = { type: "state", game: "running", speed: 10 }
    const page = await test.visit()
    await page.locator("#run").waitFor()
    assert.strictEqual(await page.locator("#run-speed").inputValue(), "10")
    assert.isTrue(await page.locator('[data-action="forward"]').isDisabled())
    await act(page, "play")
    await test.server.untilControl(1)
    test.server.answer({ type: "state", game: "paused", speed: 7.5 })
    await untilText(page, "#play-label", "Resume")
    assert.strictEqual(await page.locator("#run-speed").inputValue(), "7.5")
    await act(page, "forward")
    await act(page, "play")
    await page.locator("#run-speed").selectOption("50")
    await openPanel(page)
    await page.locator("#begin").click()
    await test.server.untilControl(5)
    const expected: ReadonlyArray<ControlRequest> = [
      { type: "pause" },
      { type: "step" },
      { type: "resume" },
      { type: "speed", speed: 50 },
      {
        type: "start",
        game: {
          width: 32,
          height: 32,
          rule: "B3/S23",
          topology: "torus",
          speed: 10,
          start: { type: "pattern", name: "glider" }
        }
      }
    ]
    assert.deepStrictEqual<ReadonlyArray<ControlRequest | undefined>>(test.server.controls, expected)
    await page.locator("#start").waitFor({ state: "hidden" })
    const refusal: ControlResponse = { type: "refused", reason: "The rule B9 has a digit above 8." }
    test.server.answer(refusal)
    await untilText(page, "#toast", refusal.reason)
    // The game before goes on, and can be resumed.
    await untilText(page, "#play-label", "Resume")
    await act(page, "play")
    await test.server.untilControl(6)
    assert.deepStrictEqual(test.server.controls[5], { type: "resume" })
  })
})
