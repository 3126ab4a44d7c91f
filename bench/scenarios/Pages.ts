/** The page of a large recording, and the lobby of many games: what they draw, cost and keep. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { Browser } from "playwright-core"
import { WebSocket } from "ws"
import { statesBetween } from "../../src/Cli/Recording/Positions.ts"
import * as RandomStart from "../../src/Life/Universe/RandomStart.ts"
import * as Rule from "../../src/Life/Universe/Rule.ts"
import { Simulator } from "../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../src/Life/Universe/Topology.ts"
import { gameBlock } from "../../src/Protocol/Recording.ts"
import { RecordingWriter } from "../../src/Protocol/RecordingWriter.ts"
import { BenchError } from "../BenchError.ts"
import type { Contender } from "../Contender.ts"
import * as ProcessTree from "../ProcessTree.ts"
import { parseRss } from "../ProcStat.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"
import { COUNT_PAINTED, chromiumShell, isDrawing, mainThread } from "./WatchPage.ts"

const MIB = 2 ** 20

/** Starts another command of a contender, and waits until it accepts connections. */
const start = (contender: Contender, ...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const port = yield* Server.freePort
    const program = contender.server?.(port, "")
    if (program === undefined) return yield* new BenchError({ message: `${contender.title} has no server` })
    const main = program.args.slice(0, program.args.indexOf("serve"))
    yield* ProcessTree.start({ ...program, args: [...main, ...args, "--port", port] })
    yield* Effect.retry(Server.accepts(port), Schedule.spaced("20 millis").pipe(Schedule.upTo("60 seconds")))
    return port
  })

const attempt = <A>(what: string, run: () => Promise<A>) =>
  Effect.tryPromise({ try: run, catch: (error) => new BenchError({ message: `${what}: ${error}` }) })

/** A recording of random cells on a torus, as `life record` writes it, in a folder that is removed with the scope. */
const recording = (size: number, steps: number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "bench-replay-"))),
      (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true }))
    ),
    (folder) => {
      const game = { width: size, height: size, topology: `B3/S23:T${size},${size}`, begun: 0, stateCount: 2 }
      const simulator = new Simulator(
        RandomStart.make({ width: size, height: size, density: 0.25, seed: 1 }),
        Rule.life,
        Topology.torus(size, size)
      )
      const writer = new RecordingWriter(size * size, 2)
      const between = Math.ceil(statesBetween(game) / (size * size))
      const blocks = [gameBlock(game)]
      for (let step = 0; step < steps; step++) {
        const { cells } = simulator.grid()
        for (let index = 0; index < cells.length; index++) writer.record(index, step, cells[index]!)
        blocks.push(writer.news(step * 10))
        if (step % between === between - 1) blocks.push(writer.keyframe())
        simulator.run(1)
      }
      const file = path.join(folder, "game.c10k")
      fs.writeFileSync(file, Buffer.concat(blocks))
      return file
    }
  )

/**
 * Runs in the worker that draws: keeps the last order with a picture of the newest cells, and adds up the milliseconds from the last
 * picture of the recording to its first one after it has begun again, less one frame.
 */
const KEEP_ORDER = `
  const hear = self.onmessage
  let begun, drawnAt = performance.now(), beginsAgain = false
  globalThis.away = 0
  self.onmessage = (event) => {
    const { data } = event
    if (data._tag === "News") {
      beginsAgain ||= begun !== undefined && begun !== data.begun
      begun = data.begun
    }
    if (data._tag === "Draw" && data.order.painting?.frame === undefined && data.order.painting !== undefined) {
      globalThis.kept = event
      const now = performance.now()
      if (beginsAgain) globalThis.away += now - drawnAt - 1_000 / 60
      drawnAt = now
      beginsAgain = false
    }
    return hear.call(self, event)
  }`

/** Runs there when no messages come: carries out this order at every frame, without the page. Gives the pictures in a second. */
const DRAW_ALONE = `(async () => {
  const { postMessage } = self
  self.postMessage = () => {}
  const begun = performance.now()
  let count = 0
  while (performance.now() - begun < 3_000) {
    await new Promise((resolve) => requestAnimationFrame(resolve))
    self.onmessage(globalThis.kept)
    count++
  }
  self.postMessage = postMessage
  return (count * 1_000) / (performance.now() - begun)
})()`

/** Megabytes of the process that has the page and its worker. */
const memoryOf = async (browser: Browser) => {
  const session = await browser.newBrowserCDPSession()
  return async () => {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo")
    const ids = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id)
    return ids.reduce((sum, id) => sum + parseRss(fs.readFileSync(`/proc/${id}/smaps_rollup`, "latin1")), 0) / MIB
  }
}

/** Watches a recording that repeats, at "every frame" and full speed. */
const watch = async (browser: Browser, port: number, seconds: number) => {
  const page = await browser.newPage()
  page.setDefaultTimeout(120_000)
  await page.addInitScript(`localStorage.setItem("effect-c10k.watch", '{"rate":0}')`)
  await page.goto(`http://127.0.0.1:${port}/`)
  await page.locator("#phase", { hasText: "Running" }).waitFor({ state: "attached" })
  await page.locator("#replay-loops").check()
  await page.locator("#run-speed").selectOption("1000")
  const worker = page.workers().find(isDrawing) ?? (await page.waitForEvent("worker", isDrawing))
  const busy = await mainThread(page)
  const memory = await memoryOf(browser)
  await worker.evaluate(COUNT_PAINTED)
  await worker.evaluate(KEEP_ORDER)
  /**
   * The least of some seconds, each time without garbage: every copy of the grid has 7 MB, and without this the least of 20 s was
   * anything from 199 to 228 MiB through ten minutes, while that of two minutes stayed at 199 to 206.
   */
  const leastMemory = async () => {
    const sizes: Array<number> = []
    for (let second = 0; second < Math.min(20, seconds / 2); second++) {
      await page.waitForTimeout(1_000)
      await Promise.all([page.evaluate("gc()"), worker.evaluate("gc()")])
      sizes.push(await memory())
    }
    return Math.min(...sizes)
  }
  // Until the page has seen the whole recording.
  await page.waitForTimeout(Math.min(30, seconds) * 1_000)
  const memoryBefore = await leastMemory()
  const counts = () => worker.evaluate<{ painted: number; away: number }>("({ painted, away })")
  const begun = performance.now()
  const before = { busy: await busy(), ...(await counts()) }
  await page.waitForTimeout(Math.max(1, seconds - 40) * 1_000)
  const took = (performance.now() - begun) / 1_000
  const after = { busy: await busy(), ...(await counts()) }
  const growth = (await leastMemory()) - memoryBefore
  const plays = took - (after.away - before.away) / 1_000
  const pictures = (after.painted - before.painted) / plays
  const used = (after.busy - before.busy) / took
  await page.locator("#grid").press("Space")
  await page.locator("#phase", { hasText: "Paused" }).waitFor({ state: "attached" })
  return { pictures, busy: used, growth, able: await worker.evaluate<number>(DRAW_ALONE) }
}

const played = (size: number, seconds: number): Case => ({
  points: [{ title: `${size} × ${size} cells, ${seconds} s` }],
  takesPart: (contender) => contender.servesPage === true && contender.givesUpSlowReaders === true,
  measure: (contender) =>
    Effect.gen(function* () {
      // Ten seconds at full speed.
      const file = yield* recording(size, 600)
      // Slow until the page makes it repeat.
      const port = yield* start(contender, "life", "replay", file, "--speed", "1")
      const browser = yield* chromiumShell
      return yield* attempt("the recording can't be watched", async () => [await watch(browser, port, seconds)])
    })
})

const replay: Omit<Scenario, "name" | "title" | "cases"> = {
  about:
    'A recording of 1000 × 1000 cells repeats at full speed, and the page shows it in Chromium at "every frame". ' +
    'The time from its last picture to its first one, when it begins again, does not count for the painted frames. "The worker alone" is ' +
    "what the page's worker draws on the same machine when the recording is paused: the same picture, without messages and without the page. " +
    "Growth is that of the memory of the process that has the page and its worker, after half a minute, each time without garbage.",
  metrics: [
    { key: "pictures", label: "painted frames", unit: "1/s", better: "higher", digits: 1 },
    { key: "able", label: "the worker alone", unit: "1/s", better: "higher", digits: 1 },
    { key: "busy", label: "CPU of the page's thread", unit: "ms/s", better: "lower", digits: 0 },
    { key: "growth", label: "growth of memory", unit: "MiB", better: "lower", digits: 1 }
  ],
  isRare: true
}

export const replayPage: Scenario = {
  ...replay,
  name: "replay-page",
  title: "A large recording on the page",
  cases: (scale) => [played(1_000, scale === "quick" ? 5 : 60)]
}

export const replayMemory: Scenario = {
  ...replay,
  name: "replay-memory",
  title: "A large recording on the page, for ten minutes",
  cases: (scale) => [played(1_000, scale === "quick" ? 5 : 600)]
}

/** Games of 2 x 2 cells, four steps a second. Their cells are sockets of this process, which publish without looking at others. */
const games = (port: number, count: number) =>
  Effect.gen(function* () {
    const sockets: Array<WebSocket> = []
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        clearInterval(timer)
        for (const socket of sockets) socket.terminate()
      })
    )
    const running: Array<readonly [socket: WebSocket, cell: string]> = []
    let step = 0
    const timer = setInterval(() => {
      step++
      for (const [socket, cell] of running) socket.send(`${step} ${cell} ${(step + Number(cell.slice(-1))) % 2}`)
    }, 250)
    const open = (url: string): WebSocket => {
      const socket = new WebSocket(url)
      sockets.push(socket)
      return socket
    }
    const until = (socket: WebSocket, event: "open" | "close") =>
      new Promise((resolve, reject) => {
        socket.on(event, resolve)
        socket.on("error", reject)
      })
    const begin = async (name: string) => {
      const url = `ws://127.0.0.1:${port}/games/${name}`
      const reset = open(`${url}/reset/`)
      const done = until(reset, "close")
      await until(reset, "open")
      reset.send("2")
      await done
      const begun = [0, 1, 2, 3].map(async (index) => {
        const socket = open(`${url}/worker/`)
        const cell = `${index >> 1} ${index & 1}`
        await new Promise<void>((resolve, reject) => {
          socket.on("error", reject)
          socket.on("message", (data) => {
            if (String(data) === "sub") socket.send("sub")
            if (String(data) !== "run") return
            socket.send(`${step} ${cell} 1`)
            running.push([socket, cell])
            resolve()
          })
        })
      })
      await Promise.all(begun)
    }
    for (let index = 0; index < count; index++)
      yield* attempt(`game ${index} can't be begun`, () => begin(`game-${index}`))
  })

const visited = (count: number, seconds: number): Case => ({
  points: [{ title: `${count} games` }],
  takesPart: (contender) => contender.servesPage === true && contender.givesUpSlowReaders === true,
  measure: (contender) =>
    Effect.gen(function* () {
      const port = yield* start(contender, "serve", "--max-games", String(count))
      yield* games(port, count)
      const browser = yield* chromiumShell
      return yield* attempt("the lobby can't be visited", async () => {
        const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
        await page.goto(`http://127.0.0.1:${port}/games/`)
        await page.waitForFunction(`document.querySelectorAll('.game[data-phase="running"]').length === ${count}`)
        const busy = await mainThread(page)
        const session = await page.context().newCDPSession(page)
        await session.send("Network.enable")
        let bytes = 0
        session.on("Network.loadingFinished", ({ encodedDataLength }) => {
          bytes += encodedDataLength
        })
        const before = await busy()
        const begun = performance.now()
        await page.waitForTimeout(seconds * 1_000)
        const took = (performance.now() - begun) / 1_000
        return [{ busy: ((await busy()) - before) / took, traffic: bytes / took / 1_000 }]
      })
    })
})

export const lobbyPage: Scenario = {
  name: "lobby-page",
  title: "The lobby of 200 games",
  about:
    "200 games take four steps a second, and Chromium shows their list. The traffic is what the page fetches: the list, and pictures.",
  metrics: [
    { key: "busy", label: "CPU of the page's thread", unit: "ms/s", better: "lower", digits: 0 },
    { key: "traffic", label: "traffic", unit: "kB/s", better: "lower", digits: 0 }
  ],
  isRare: true,
  cases: (scale) => [scale === "quick" ? visited(40, 15) : visited(200, 30)]
}
