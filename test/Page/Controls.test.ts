import { readFile } from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import type { Download, Page } from "playwright-core"
import * as PatternText from "../../src/Life/Pattern/PatternText.ts"
import { themes } from "../../static/watch/Stage/Themes.ts"
import { act, choose, colourOf, eventually, harness, hueOf, untilColour, untilText } from "./Harness.ts"
import { scattered, TestGame } from "./TestGame.ts"

const test = harness()

const grid = { width: 8, height: 8 }
const blinker = (row: number, column: number) => row === 3 && column >= 2 && column <= 4
const alive = { 0: hueOf(0, 1), 1: hueOf(1, 1), 2: hueOf(2, 1) } as const
/** The colour around the grid. */
const outside = [238, 241, 245]

/** The view, from a link to it: its centre and the pixels per cell. `undefined` if the whole grid is shown. */
const view = async (page: Page): Promise<ReadonlyArray<number> | undefined> => {
  // Playwright learns the address later than the page.
  const [hash, screen] = await page.evaluate(() => {
    document.querySelector<HTMLElement>('[data-action="link"]')?.click()
    return [location.hash.slice(1), document.querySelector("#canvas")!.clientWidth] as const
  })
  const [x, y, width] = new URLSearchParams(hash).get("view")?.split(",").map(Number) ?? []
  return x === undefined || y === undefined || width === undefined ? undefined : [x, y, screen / width]
}

const saved = async (page: Page, name: string): Promise<Download> => {
  const [download] = await Promise.all([page.waitForEvent("download"), act(page, name)])
  return download
}

describe("Controls of the watch page", () => {
  it("Controls of the watch page freeze the view while the run continues, go through the generations before, and resume", async () => {
    const game = TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await untilColour(page, grid, 3, 2, alive[0])
    game.advance()
    await untilColour(page, grid, 2, 3, alive[1])
    await act(page, "play")
    await untilText(page, "#play-label", "Resume")
    game.advance()
    await untilText(page, "#seen", "Paused at generation 1")
    assert.deepStrictEqual(await colourOf(page, grid, 2, 3), [...alive[1]])
    await act(page, "back")
    await untilColour(page, grid, 3, 2, alive[0])
    await page.locator('.controls [data-action="back"]:disabled').waitFor()
    await act(page, "forward")
    await untilColour(page, grid, 2, 3, alive[1])
    // After the newest generation that the page has seen comes the live game.
    await act(page, "forward")
    await untilColour(page, grid, 3, 2, alive[2])
    await page.locator('.controls [data-action="forward"]:disabled').waitFor()
    await untilText(page, "#play-label", "Pause")
    // The same by keys.
    await page.locator("#grid").focus()
    await page.keyboard.press(",")
    await untilColour(page, grid, 2, 3, alive[1])
    await page.keyboard.press(".")
    await untilColour(page, grid, 3, 2, alive[2])
    await page.keyboard.press(" ")
    await untilText(page, "#play-label", "Pause")
  })

  it("Controls of the watch page zoom, pan and fit by button, key, wheel and drag", async () => {
    TestGame.running(test.server.state, 64, 64, scattered)
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    assert.isUndefined(await view(page))
    await act(page, "zoom-in")
    const [x, y, scale] = (await view(page))!
    assert.deepStrictEqual([x, y], [32, 32])
    await act(page, "zoom-out")
    assert.isBelow((await view(page))![2]!, scale!)
    await act(page, "fit")
    assert.isUndefined(await view(page))

    const box = (await page.locator("#grid").boundingBox())!
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    // The cell under the pointer stays there.
    await page.mouse.move(middle.x + 100, middle.y + 50)
    await page.mouse.wheel(0, -400)
    const zoomed = (await view(page))!
    const fitting = Math.floor(Math.min(box.width - 32, box.height - 32) / 64)
    assert.isAbove(zoomed[2]!, fitting)
    assert.closeTo(zoomed[0]! + 100 / zoomed[2]!, 32 + 100 / fitting, 0.05)
    assert.closeTo(zoomed[1]! + 50 / zoomed[2]!, 32 + 50 / fitting, 0.05)

    await page.mouse.move(middle.x, middle.y)
    await page.mouse.down()
    await page.mouse.move(middle.x + 40, middle.y - 20, { steps: 4 })
    await page.mouse.up()
    const dragged = (await view(page))!
    assert.closeTo(dragged[0]!, zoomed[0]! - 40 / zoomed[2]!, 0.05)
    assert.closeTo(dragged[1]!, zoomed[1]! + 20 / zoomed[2]!, 0.05)

    await page.locator("#grid").focus()
    await page.keyboard.press("ArrowRight")
    assert.isAbove((await view(page))![0]!, dragged[0]!)
    await page.locator("#grid").focus()
    await page.keyboard.press("f")
    assert.isUndefined(await view(page))
  })

  it("Controls of the watch page pinch and pan by touch", async () => {
    TestGame.running(test.server.state, 64, 64, scattered)
    const page = await test.visit("", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    await untilText(page, "#phase", "Running")
    const box = (await page.locator("#grid").boundingBox())!
    const session = await page.context().newCDPSession(page)
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: ReadonlyArray<readonly [number, number]>) =>
      session.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: points.map(([x, y], id) => ({ x: box.x + box.width / 2 + x, y: box.y + box.height / 2 + y, id }))
      })
    const fitting = Math.floor(Math.min(box.width - 32, box.height - 32) / 64)
    await touch("touchStart", [
      [-40, 0],
      [40, 0]
    ])
    await touch("touchMove", [
      [-80, 0],
      [80, 0]
    ])
    await touch("touchEnd", [])
    const pinched = (await view(page))!
    assert.closeTo(pinched[2]!, fitting * 2, 0.1)
    await touch("touchStart", [[0, 0]])
    await touch("touchMove", [[20, 5]])
    await touch("touchMove", [[30, 10]])
    await touch("touchEnd", [])
    const panned = (await view(page))!
    assert.closeTo(panned[0]!, pinched[0]! - 30 / pinched[2]!, 0.1)
    // A tap inspects.
    await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2)
    await untilText(page, "#inspector", /^row \d+, column \d+: /)
  })

  it("Controls of the watch page follow a spaceship around the torus", async () => {
    const glider = [".O.", "..O", "OOO"]
    const game = TestGame.running(test.server.state, 16, 16, (row, column) => glider[row]?.[column] === "O")
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    await act(page, "follow")
    for (let step = 0; step < 24; step++) game.advance()
    await untilText(page, "#generation", "24")
    // Six cells further on both axes; its middle moves a little with its phase. The picture follows the figures.
    await eventually(async () => {
      const [x = Number.NaN, y = Number.NaN] = (await view(page)) ?? []
      assert.closeTo(x, 7.7, 0.5)
      assert.closeTo(y, 7.9, 0.5)
    })
    assert.strictEqual(await page.getAttribute('[data-action="follow"]', "aria-pressed"), "true")
  })

  it("Controls of the watch page change colours, lines and appearance, and remember them", async () => {
    TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await untilColour(page, grid, 3, 2, alive[0])
    const seen = new Set<string>()
    for (const { legend, name } of themes) {
      await page.locator("#theme").selectOption(name)
      await untilText(page, "#legend", legend(undefined))
      // The picture follows: all themes show the cell in different colours.
      await eventually(async () => {
        const colour = String(await colourOf(page, grid, 3, 2))
        assert.isFalse(seen.has(colour), `${name}: ${colour}`)
        seen.add(colour)
      })
    }
    await page.locator("#theme").selectOption("mono")
    await choose(page, "scheme", "dark")
    await untilColour(page, grid, 3, 2, [232, 237, 245])
    await untilColour(page, grid, 0, 0, [16, 19, 26])
    const picture = () => page.locator("#canvas").evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())
    const withLines = await picture()
    await act(page, "lines")
    await page.waitForFunction(
      (before) => document.querySelector<HTMLCanvasElement>("#canvas")!.toDataURL() !== before,
      withLines
    )
    await choose(page, "rate", "0")
    await page.reload()
    await untilColour(page, grid, 3, 2, [232, 237, 245])
    assert.strictEqual(await page.locator("#theme").inputValue(), "mono")
    assert.strictEqual(await page.locator("#rate").inputValue(), "0")
    assert.strictEqual(await page.getAttribute('[data-action="lines"]', "aria-pressed"), "false")
  })

  it("Controls of the watch page follow the system's appearance as it changes", async () => {
    TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit("", { colorScheme: "light" })
    await untilColour(page, grid, 3, 2, alive[0])
    await page.emulateMedia({ colorScheme: "dark" })
    await untilColour(page, grid, 3, 2, hueOf(0, 1, "dark"))
  })

  it("Controls of the watch page learn of the system's wishes by events only, which Chromium leaves out if they are read too early", async () => {
    TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit("", { colorScheme: "light" })
    await untilColour(page, grid, 3, 2, alive[0])
    await page.evaluate(`
      const { get } = Object.getOwnPropertyDescriptor(MediaQueryList.prototype, "matches")
      window.reads = []
      Object.defineProperty(MediaQueryList.prototype, "matches", {
        get() {
          reads.push(this.media)
          return get.call(this)
        }
      })`)
    await choose(page, "rate", "0")
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" })
    await untilColour(page, grid, 3, 2, hueOf(0, 1, "dark"))
    assert.deepStrictEqual(await page.evaluate("reads"), [])
  })

  it("Controls of the watch page repeat the grid beyond joined edges", async () => {
    TestGame.running(test.server.state, 8, 8, (row, column) => row === 3 && column === 7)
    const page = await test.visit()
    await untilColour(page, grid, 3, 7, alive[0])
    // The column left of the first is the last one again, paler.
    const ghost = await colourOf(page, grid, 3, -1)
    const beside = await colourOf(page, grid, 4, -1)
    assert.isBelow(ghost[1]!, beside[1]!)
    await act(page, "repeat")
    await untilColour(page, grid, 3, -1, outside)
    await untilColour(page, grid, 4, -1, outside)
    await act(page, "repeat")
    // A plane is not repeated.
    TestGame.running(test.server.state, 8, 8, (row, column) => row === 1 && column === 7, "P8,8")
    await untilColour(page, grid, 1, 7, alive[0])
    await untilColour(page, grid, 1, -1, outside)
    await untilColour(page, grid, 4, -1, outside)
  })

  it("Controls of the watch page save the frame as RLE that reads back, and as PNG", async () => {
    const game = TestGame.running(test.server.state, 8, 8, blinker)
    game.advance()
    const page = await test.visit()
    await untilColour(page, grid, 2, 3, alive[1])
    const rle = await saved(page, "save-rle")
    assert.strictEqual(rle.suggestedFilename(), "life-8x8-step-1.rle")
    const text = await readFile(await rle.path(), "utf8")
    const pattern = PatternText.read(text, "saved.rle")
    assert(pattern._tag === "Right", text)
    assert.deepStrictEqual([...pattern.right.grid.cells], [...test.server.state.states])
    const png = await saved(page, "save-png")
    assert.strictEqual(png.suggestedFilename(), "life-8x8-step-1.png")
    const bytes = await readFile(await png.path())
    assert.strictEqual(bytes.subarray(1, 4).toString(), "PNG")
    assert.deepStrictEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [1024, 1024])
  })

  it("Controls of the watch page make a link that opens the same view, in the same colours, at the calm rate", async () => {
    TestGame.running(test.server.state, 64, 64, scattered)
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    await page.locator("#theme").selectOption("age")
    await choose(page, "rate", "0")
    await act(page, "zoom-in")
    await page.locator("#grid").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Shift+ArrowUp")
    await untilText(page, "#inspector", /^row 31, column 32: /)
    const expected = await view(page)
    const other = await test.visit(await page.evaluate(() => location.hash))
    await untilText(other, "#inspector", (await page.textContent("#inspector"))!)
    const opened = await view(other)
    // A link has two decimals.
    expected?.forEach((value, index) => {
      assert.closeTo(opened?.[index] ?? Number.NaN, value, 0.01)
    })
    assert.strictEqual(opened?.length, 3)
    assert.strictEqual(await other.locator("#theme").inputValue(), "age")
    assert.strictEqual(await other.locator("#rate").inputValue(), "game")
  })

  it("Controls of the watch page list all keys in the help", async () => {
    const page = await test.visit()
    await page.locator("#grid").focus()
    await page.keyboard.press("?")
    await page.getByRole("heading", { name: "Watching the game" }).waitFor()
    assert.isAbove(await page.locator("#keys tr").count(), 20)
    assert.strictEqual(await page.locator("#keys tr kbd").first().textContent(), "Space")
    await page.getByRole("button", { name: "Close" }).click()
    await page.locator("#help").waitFor({ state: "hidden" })
  })
})
