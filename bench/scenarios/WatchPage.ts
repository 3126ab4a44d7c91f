import * as Effect from "effect/Effect"
import type { Page, Worker } from "playwright-core"
import { chromium } from "playwright-core"
import { BenchError } from "../BenchError.ts"
import type { Contender } from "../Contender.ts"
import * as Driver from "../Driver.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

const SECONDS = 5

/** The states of a game, which the driver computes before: more than a relay takes in the time of a measurement. */
const STATES = 30_000_000

/** Runs in the worker that draws: counts the frames that it paints. */
export const COUNT_PAINTED = `
  globalThis.painted = 0
  const prototype = OffscreenCanvasRenderingContext2D.prototype
  const { putImageData } = prototype
  prototype.putImageData = function (...given) {
    globalThis.painted++
    return Reflect.apply(putImageData, this, given)
  }`

export const isDrawing = (worker: Worker) => worker.url().includes("/static/watch/drawing/")

/** Milliseconds of CPU time of the page's own thread until now. */
export const mainThread = async (page: Page) => {
  const session = await page.context().newCDPSession(page)
  await session.send("Performance.enable", { timeDomain: "threadTicks" })
  return async () => {
    const { metrics } = await session.send("Performance.getMetrics")
    return 1_000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0)
  }
}

/** Watches a running game at "every frame". */
const watch = async (page: Page, port: number) => {
  await page.addInitScript(`localStorage.setItem("effect-c10k.watch", '{"rate":0}')`)
  await page.goto(`http://127.0.0.1:${port}/`)
  await page.locator("#phase", { hasText: "Running" }).waitFor({ state: "attached" })
  const worker = page.workers().find(isDrawing) ?? (await page.waitForEvent("worker", isDrawing))
  const busy = await mainThread(page)
  await worker.evaluate(COUNT_PAINTED)
  const before = { busy: await busy(), time: performance.now() }
  await page.waitForTimeout(SECONDS * 1_000)
  const seconds = (performance.now() - before.time) / 1_000
  return {
    pictures: (await worker.evaluate<number>("painted")) / seconds,
    busy: ((await busy()) - before.busy) / seconds
  }
}

export const chromiumShell = Effect.acquireRelease(
  Effect.tryPromise({
    try: () =>
      chromium.launch({
        executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium-headless-shell",
        // What a page keeps is measured without its garbage.
        args: ["--no-sandbox", "--js-flags=--expose-gc"]
      }),
    catch: (error) => new BenchError({ message: `Chromium can't be started: ${error}` })
  }),
  (browser) => Effect.promise(() => browser.close())
)

const watched = (size: number): Case => ({
  points: [{ title: `${size} × ${size} cells` }],
  // Only this project has such a page.
  takesPart: (contender: Contender) => contender.servesPage === true && contender.givesUpSlowReaders === true,
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(contender)
      const browser = yield* chromiumShell
      // The game goes on as fast as it can while the page is measured. It ends with the scope.
      const driver = yield* Driver.start("relay", [server.port, size, 10, Math.floor(STATES / (size * size)), 0])
      yield* driver.stage("warm")
      yield* Effect.forkScoped(driver.stage("done"))
      return yield* Effect.tryPromise({
        try: async () => [await watch(await browser.newPage(), server.port)],
        catch: (error) => new BenchError({ message: `the page can't be watched: ${error}` })
      })
    })
})

export const watchPage: Scenario = {
  name: "watch-page",
  title: "Watch page at full speed",
  about:
    'A game in lockstep runs as fast as it can, and the watch page shows it in Chromium at "every frame". A page that does not keep up ' +
    "paints a few frames a second. CPU is that of the page's own thread: a worker draws.",
  metrics: [
    { key: "pictures", label: "painted frames", unit: "1/s", better: "higher", digits: 0 },
    { key: "busy", label: "CPU of the page's thread", unit: "ms/s", better: "lower", digits: 0 }
  ],
  cases: (scale) => (scale === "quick" ? [watched(16)] : [watched(32), watched(100)])
}
