import { assert, describe, it } from "@effect/vitest"
import { countCalls } from "./DrawingThread.ts"
import { act, eventually, harness, hueOf, untilColour, untilText } from "./Harness.ts"
import { scattered, TestGame } from "./TestGame.ts"

const test = harness()

const grid = { width: 8, height: 8 }

const blinker = (row: number, column: number) => row === 3 && column >= 2 && column <= 4

const alive = { 0: hueOf(0, 1), 1: hueOf(1, 1), 18: hueOf(18, 1) } as const
const dead = { 0: hueOf(0, 0), 1: hueOf(1, 0) } as const

describe("The watch page", () => {
  it("The watch page opened before a game: waits, shows workers that connect, then the game", async () => {
    const page = await test.visit()
    await untilText(page, "#phase", "No game yet")
    // There is nothing to measure and nothing to pause, and nothing is said twice.
    for (const part of ["#relay", ".instruments", '.controls [data-action="play"]', "#overlay"])
      await page.locator(part).waitFor({ state: "hidden" })
    await eventually(async () => assert.strictEqual(await page.title(), "Game of Life"))
    const { state } = test.server
    state.reset(8, 8, "torus")
    state.setCounts(16, 0)
    await untilText(page, "#overlay-text", /^16 of 64/)
    await page.locator("#relay").waitFor()
    await page.waitForFunction(() => document.title === "Game of Life 8x8")
    assert.strictEqual(await page.locator("#overlay-progress").evaluate((bar: HTMLProgressElement) => bar.value), 0.25)
    // Places fill from the middle.
    await untilColour(page, grid, 3, 3, [170, 193, 232])
    await untilColour(page, grid, 0, 0, [232, 235, 240])
    state.setPhase("subscribing")
    state.setCounts(64, 63)
    await untilText(page, "#overlay-text", /^63 of 64 have subscribed/)
    await untilColour(page, grid, 3, 3, [54, 116, 217])
    state.setPhase("running")
    state.setCounts(64, 64)
    const game = new TestGame(state, blinker)
    game.publish()
    await untilColour(page, grid, 3, 2, alive[0])
    await untilColour(page, grid, 0, 0, dead[0])
    game.advance()
    await untilColour(page, grid, 2, 3, alive[1])
    await untilColour(page, grid, 3, 2, dead[1])
    await untilText(page, "#phase", "Running")
    await page.locator("#overlay").waitFor({ state: "hidden" })
  })

  it("The watch page opened during a game: shows it at once, with its size in the title", async () => {
    const game = TestGame.running(test.server.state, 8, 8, blinker)
    game.advance()
    const response = await fetch(test.server.url)
    assert.match(await response.text(), /<title>Game of Life 8x8<\/title>/)
    const page = await test.visit()
    await untilColour(page, grid, 2, 3, alive[1])
    await untilText(page, "#generation", "1")
    await untilText(page, "#population", "3")
  })

  it("The watch page opened after a game: shows its last frame", async () => {
    const game = TestGame.running(test.server.state, 8, 8, blinker)
    for (let step = 0; step < 18; step++) game.advance()
    test.server.state.setPhase("ended")
    test.server.state.setCounts(0, 0)
    const page = await test.visit()
    await untilText(page, "#phase", "Ended")
    await untilColour(page, grid, 3, 2, alive[18])
  })

  it("The watch page shows a new game of another size without being loaded again", async () => {
    TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await untilColour(page, grid, 3, 2, alive[0])
    await page.evaluate(() => document.body.setAttribute("data-same", "yes"))
    TestGame.running(test.server.state, 12, 5, (row, column) => row === 4 && column === 11)
    await page.waitForFunction(() => document.title === "Game of Life 12x5")
    await untilColour(page, { width: 12, height: 5 }, 4, 11, alive[0])
    assert.strictEqual(await page.getAttribute("body", "data-same"), "yes")
  })

  it("The watch page shows figures: generation with its spread, population, rates, workers, watchers", async () => {
    const game = TestGame.running(test.server.state, 32, 32, scattered)
    test.server.state.latency = 1.25
    const page = await test.visit()
    const timer = setInterval(() => game.advance(), 50)
    await page.waitForFunction(() => Number(document.querySelector("#steps-rate")?.textContent) > 5)
    assert.isAbove(Number((await page.textContent("#births"))!.replace(",", "")), 0)
    await untilText(page, "#latency", "1.3 ms")
    clearInterval(timer)
    // Half of the grid goes one step ahead.
    const { state } = test.server
    for (let index = 0; index < 512; index++) state.record(index, game.step + 1, 0)
    await untilText(page, "#generation", `${game.step}–${game.step + 1}`)
    await untilText(page, "#spread", "cells up to 1 apart")
    await untilText(page, "#population", String(state.population))
    await untilText(page, "#workers", "1,024")
    await untilText(page, "#subscribed", "1,024")
    // No more messages come: the rates show it, and the latency of the last one is not that of now.
    await untilText(page, "#steps-rate", "0.0")
    await untilText(page, "#watchers", "1")
    await untilText(page, "#latency", "–")
    const graph = page.locator("#population-graph canvas")
    assert.isAbove((await graph.boundingBox())!.width, 100)
    await page.waitForFunction(() =>
      document.querySelector("#population-graph")?.getAttribute("aria-label")?.startsWith("Population over the last ")
    )
  })

  it("The watch page describes the cell under the mouse, and one chosen by keyboard", async () => {
    const game = TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    game.advance()
    await untilColour(page, grid, 3, 3, alive[1])
    const box = (await page.locator("#grid").boundingBox())!
    const scale = Math.floor(Math.min((box.width - 32) / 8, (box.height - 32) / 8))
    const at = (cell: number, extent: number, start: number) => start + extent / 2 + (cell + 0.5 - 4) * scale
    await page.mouse.move(at(3, box.width, box.x), at(3, box.height, box.y))
    await untilText(page, "#inspector", "row 3, column 3: alive, step 1, for 1 step")
    await page.mouse.move(at(2, box.width, box.x), at(3, box.height, box.y))
    await untilText(page, "#inspector", "row 3, column 2: dead, step 1, for 0 steps")
    await page.mouse.move(5, 5)
    await page.locator("#inspector").waitFor({ state: "hidden" })
    await page.locator("#grid").focus()
    await page.keyboard.press("Shift+ArrowUp")
    await untilText(page, "#inspector", /^row 3, column 4: dead/)
    await page.keyboard.press("Shift+ArrowLeft")
    await untilText(page, "#inspector", /^row 3, column 3: alive/)
    await page.keyboard.press("Escape")
    await page.locator("#inspector").waitFor({ state: "hidden" })
  })

  // On a busy machine the browser says times of frames that are long past.
  it.each([0, 50])(
    "The watch page draws no more often than chosen, and only changes, if frames come %i ms late",
    async (late) => {
      const game = TestGame.running(test.server.state, 32, 32, scattered)
      const page = await test.visit("", { reducedMotion: "reduce" })
      await untilText(page, "#phase", "Running")
      await page.evaluate((late) => {
        const request = window.requestAnimationFrame.bind(window)
        window.requestAnimationFrame = (draw) => request((time) => draw(time - late))
      }, late)
      const drawn = await countCalls(page, "drawImage")
      await act(page, "repeat")
      const timer = setInterval(() => game.advance(), 15)
      // The time begins before the first count and ends after the last one, so a page that answers late makes it longer.
      const start = performance.now()
      const before = await drawn()
      await eventually(async () => assert.isAtLeast((await drawn()) - before, 12))
      const count = (await drawn()) - before
      // Five per second, one under way, and one for the button. Each step of the game would be 67 per second.
      assert.isAtMost(count, (5 * (performance.now() - start)) / 1_000 + 4)
      clearInterval(timer)
      await untilText(page, "#generation", String(game.step))
      // Let the messages under way arrive. Then figures that change draw nothing.
      await eventually(async () => {
        const still = await drawn()
        const { connected } = test.server.state
        const left = connected === 900 ? 800 : 900
        test.server.state.setCounts(left, left)
        await untilText(page, "#workers", connected === 900 ? "800" : "900")
        assert.strictEqual(await drawn(), still)
      })
    }
  )
})
