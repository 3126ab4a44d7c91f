import { assert, describe, it } from "@effect/vitest"
import type { Page } from "playwright-core"
import { drawingWorker } from "./DrawingThread.ts"
import { act, harness, hueOf, untilColour, untilText } from "./Harness.ts"
import { TestGame } from "./TestGame.ts"

const test = harness()

const grid = { width: 8, height: 8 }
const blinker = (row: number, column: number) => row === 3 && column >= 2 && column <= 4

/** The colours of live cells at step 0 and step 1, and of dead cells. */
const alive = [hueOf(0, 1), hueOf(1, 1)] as const
const dead = hueOf(0, 0)

/** Plays a step, freezes the view and changes the theme. The picture must be the same with and without a worker. */
const drawsAll = async (page: Page, game: TestGame) => {
  await untilColour(page, grid, 3, 2, alive[0])
  await untilColour(page, grid, 0, 0, dead)
  game.advance()
  await untilColour(page, grid, 2, 3, alive[1])
  await act(page, "back")
  await untilColour(page, grid, 3, 2, alive[0])
  await page.locator("#theme").selectOption("mono")
  await untilColour(page, grid, 3, 2, [28, 33, 43])
  await page.setViewportSize({ width: 700, height: 900 })
  await untilColour(page, grid, 3, 2, [28, 33, 43])
}

describe("The grid is drawn", () => {
  it("The grid is drawn by a worker, from the messages that the page passes on", async () => {
    const game = TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await drawsAll(page, game)
    await drawingWorker(page)
    // The page has given its canvas to the worker.
    const error = await page.evaluate(() => {
      try {
        document.querySelector<HTMLCanvasElement>("#canvas")!.getContext("2d")
        return ""
      } catch (error) {
        return (error as Error).name
      }
    })
    assert.strictEqual(error, "InvalidStateError")
  })

  it("The grid is drawn by the page itself, in a browser without such workers", async () => {
    const page = await test.visit()
    await page.addInitScript(() => Reflect.deleteProperty(HTMLCanvasElement.prototype, "transferControlToOffscreen"))
    const game = TestGame.running(test.server.state, 8, 8, blinker)
    await page.reload()
    await drawsAll(page, game)
    assert.deepStrictEqual(page.workers(), [])
  })

  it("The grid is drawn by the page itself, when the worker's script is broken", async () => {
    test.server.documents.set("/static/watch/drawing/main.js", { type: "text/javascript", body: "0 = 1" })
    const game = TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await drawsAll(page, game)
  })

  it("The grid is drawn by the page itself, from the time on when the worker breaks", async () => {
    const game = TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await untilColour(page, grid, 3, 2, alive[0])
    const worker = await drawingWorker(page)
    const closed = worker.waitForEvent("close")
    await worker.evaluate(() => {
      setTimeout(() => {
        throw new Error("The worker broke.")
      })
    })
    await closed
    await drawsAll(page, game)
    await untilText(page, "#phase", "Running")
    assert.deepStrictEqual(page.workers(), [])
  })
})
