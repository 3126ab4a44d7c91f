import { assert, describe, it } from "@effect/vitest"
import type { Page } from "playwright-core"
import { emptyFrame } from "../../static/watch/Model/Model.ts"
import { Rhythms } from "../../static/watch/Model/Rhythm.ts"
import { roomFor } from "../../static/watch/Model/Room.ts"
import { themeNamed } from "../../static/watch/Stage/Themes.ts"
import { eventually } from "../eventually.ts"
import { act, harness, untilText } from "./Harness.ts"
import { scattered, TestGame } from "./TestGame.ts"

const test = harness({})

const picture = (page: Page) => page.locator("#canvas").evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())

const untilAnother = (page: Page, before: string) =>
  page.waitForFunction((before) => document.querySelector<HTMLCanvasElement>("#canvas")!.toDataURL() !== before, before)

const gosper = {
  name: "gosper",
  about: "Gosper glider gun, by Bill Gosper. Gun, period 30.",
  rows: Array.from({ length: 9 }, () => "O".repeat(36))
}

describe("The page at first sight", () => {
  it("The page at first sight shows an example that moves and one big button, until there is a game", async () => {
    const page = await test.visit()
    await untilText(page, "#phase", "No game yet")
    await page.locator("#welcome button").waitFor()
    await untilAnother(page, await picture(page))
    const box = (await page.locator("#welcome button").boundingBox())!
    assert.isAtLeast(box.height, 50)
    await page.locator("#welcome button").click()
    await page.getByRole("heading", { name: "Start a game" }).waitFor()
    // The example's size is not the game's.
    assert.strictEqual(await page.locator("#width").inputValue(), "32")
    await page.keyboard.press("Escape")
    TestGame.running(test.server.state, 8, 8, (row, column) => row === 3 && column === 3)
    await untilText(page, "#population", "1")
    await page.locator("#welcome").waitFor({ state: "hidden" })
    await untilText(page, "#size", "8 × 8")
  })

  it("The page at first sight opens the view of a link when the game comes, after the example", async () => {
    const page = await test.visit("#view=20,20,16,16&cell=3,2")
    await page.locator("#welcome button").waitFor()
    await untilAnother(page, await picture(page))
    assert.isTrue(await page.locator("#inspector").isHidden())
    TestGame.running(test.server.state, 64, 64, (row, column) => row === 3 && column === 2)
    await untilText(page, "#inspector", /^row 3, column 2: alive/)
    await act(page, "link")
    await page.waitForFunction(() => location.hash.includes("view="))
    const view = new URLSearchParams(await page.evaluate(() => location.hash.slice(1)))
      .get("view")!
      .split(",")
      .map(Number)
    assert.deepStrictEqual(view.slice(0, 2), [20, 20])
    // The view of the link is shown, not the whole grid. The grid gets the place of the example's note.
    for (const extent of view.slice(2)) assert.isTrue(extent >= 16 && extent < 64, String(extent))
  })

  it("The page at first sight shows a still example to viewers who prefer reduced motion", async () => {
    const page = await test.visit("", { reducedMotion: "reduce" })
    await page.locator("#welcome").waitFor()
    /** Whether the picture changes within the time of three steps. */
    const changes = (before: string) =>
      page.evaluate(
        (before) =>
          new Promise<boolean>((resolve) => {
            const canvas = document.querySelector<HTMLCanvasElement>("#canvas")!
            const end = performance.now() + 600
            const sample = (now: number) => {
              if (canvas.toDataURL() !== before) resolve(true)
              else if (now > end) resolve(false)
              else requestAnimationFrame(sample)
            }
            requestAnimationFrame(sample)
          }),
        before
      )
    // The worker that draws may need some time for the first pictures.
    await eventually(async () => assert.isFalse(await changes(await picture(page))))
  })

  it("colours cells by their age in the system's scheme, and shows the rule", async () => {
    TestGame.running(test.server.state, 8, 8, scattered, "B36/S23:T8,8")
    const page = await test.visit("", { colorScheme: "dark" })
    await untilText(page, "#universe", "B36/S23, torus")
    assert.strictEqual(await page.locator("#theme").inputValue(), "age")
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    assert.strictEqual(background, "rgb(12, 15, 21)")
  })

  it("The page at first sight has a gallery with a search, and makes room for the chosen pattern", async () => {
    test.server.list = {
      ...test.server.list,
      patterns: [...test.server.list.patterns, gosper, { name: "galaxy", about: "Oscillator.", rows: ["O"] }]
    }
    const page = await test.visit()
    await page.locator("#welcome button").click()
    await page.locator("#begin:enabled").waitFor()
    const names = () => page.locator("#gallery label:visible").allTextContents()
    assert.deepStrictEqual(await names(), ["galaxy", "gosper", "glider", "blinker"])
    await page.locator("#pattern-search").fill("GUN")
    assert.deepStrictEqual(await names(), ["gosper"])
    await page.locator("#pattern-search").press("Enter")
    assert.isTrue(await page.getByRole("radio", { name: "gosper" }).isChecked())
    assert.strictEqual(await page.locator("#edges").inputValue(), "plane")
    assert.strictEqual(await page.locator("#width").inputValue(), "72")
    assert.strictEqual(await page.locator("#height").inputValue(), "64")
    await untilText(page, "#pattern-about", /^Gosper glider gun/)
    assert.isTrue(await page.locator("#start").isVisible())
    await page.locator("#pattern-search").fill("nothing like it")
    await page.locator("#pattern-none").waitFor()
    // By keyboard.
    await page.locator("#pattern-search").fill("")
    await page.getByRole("radio", { name: "glider" }).focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("ArrowDown")
    assert.isTrue(await page.getByRole("radio", { name: "blinker" }).isChecked())
  })

  it("The page at first sight shows the result at the end, and starts the game again", async () => {
    test.server.list = { ...test.server.list, hasControl: true }
    test.server.control = { type: "state", game: "running", speed: 10 }
    const { state } = test.server
    const game = TestGame.running(state, 8, 8, (row, column) => row === 3 && column >= 2 && column <= 4)
    const page = await test.visit()
    await page.locator("#run").waitFor()
    await untilText(page, "#generation", "0")
    for (let step = 0; step < 12; step++) game.advance()
    await untilText(page, "#generation", "12")
    state.setPhase("ended")
    state.setCounts(0, 0)
    test.server.answer({ type: "state", game: "ended", speed: 10 })
    await untilText(page, "#ended-title", "Ended.")
    await untilText(page, "#ended-text", /^All cells left at generation 12\. 12 steps in .+, [\d.,]+ per second\.$/)
    // This page has not started a game yet, so the panel opens.
    await page.locator("#again").click()
    await page.locator("#begin").click()
    await test.server.untilControl(1)
    test.server.answer({ type: "state", game: "ended", speed: 10 })
    await page.locator("#again").click()
    await test.server.untilControl(2)
    assert.deepStrictEqual(test.server.controls[1], test.server.controls[0])
  })

  it("The page at first sight shows that a game is still, and that one is periodic", async () => {
    const game = TestGame.running(test.server.state, 8, 8, (row, column) => row === 3 && column >= 2 && column <= 4)
    const page = await test.visit()
    const blinking = setInterval(() => game.advance(), 30)
    await untilText(page, "#rhythm", "repeats every 2 steps")
    clearInterval(blinking)
    const still = TestGame.running(
      test.server.state,
      8,
      8,
      (row, column) => (row === 3 || row === 4) && (column === 3 || column === 4)
    )
    await untilText(page, "#rhythm", "")
    const standing = setInterval(() => still.advance(), 30)
    await untilText(page, "#rhythm", "still")
    clearInterval(standing)
  })
})

describe("Rhythms", () => {
  it("Rhythms finds a period from some of its steps, and is not confused by a pause", () => {
    const rhythms = new Rhythms()
    const frame = emptyFrame(9, 9)
    for (let step = 0; step < 3_000; step += 1 + (step % 4)) {
      frame.states.fill(0)
      frame.states[step % 30] = 1
      rhythms.note(frame, step)
    }
    assert.deepStrictEqual(rhythms.rhythm, { _tag: "Periodic", period: 30 })
    frame.states.fill(1)
    rhythms.note(frame, 3_100)
    assert.isUndefined(rhythms.rhythm)
  })
})

describe("roomFor", () => {
  it("roomFor gives guns a plane and much room, and other patterns the room that they need", () => {
    assert.deepStrictEqual(roomFor(gosper), { width: 72, height: 64, edges: "plane" })
    assert.deepStrictEqual(roomFor({ name: "block", about: "Still life.", rows: ["OO", "OO"] }), {
      width: 18,
      height: 18,
      edges: undefined
    })
  })
})

describe("Ages as colours", () => {
  it("Ages as colours show a trace of cells that died, and none of cells that never lived", () => {
    const frame = emptyFrame(2, 1)
    frame.states.fill(0)
    frame.steps.fill(3)
    frame.ages.set([3, 2])
    const pixels = new Uint32Array(2)
    themeNamed("age").paint(frame, "light", pixels)
    assert.strictEqual(pixels[0], 0xfffaf8f7)
    assert.notStrictEqual(pixels[1], pixels[0])
  })
})
