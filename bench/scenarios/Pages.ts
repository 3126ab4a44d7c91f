/** The page of a large recording for ten minutes, and the lobby of many games: what they draw, cost and keep. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { Browser, Page } from "playwright-core"
import { WebSocket } from "ws"
import * as RandomStart from "../../src/Life/Universe/RandomStart.ts"
import * as Rule from "../../src/Life/Universe/Rule.ts"
import { Simulator } from "../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../src/Life/Universe/Topology.ts"
import { gameBlock } from "../../src/Protocol/Recording.ts"
import { RecordingWriter } from "../../src/Protocol/RecordingWriter.ts"
import { BenchError } from "../BenchError.ts"
import type { Contender } from "../Contender.ts"
import * as ProcessTree from "../ProcessTree.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"
import { chromiumShell, countPainted, isDrawing, mainThread } from "./WatchPage.ts"

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

/** A recording of random cells on a torus, in a folder that is removed with the scope. */
const recording = (size: number, steps: number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "bench-replay-"))),
      (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true }))
    ),
    (folder) => {
      const simulator = new Simulator(
        RandomStart.make({ width: size, height: size, density: 0.25, seed: 1 }),
        Rule.life,
        Topology.torus(size, size)
      )
      const writer = new RecordingWriter(size * size, 2)
      const blocks = [
        gameBlock({ width: size, height: size, topology: `B3/S23:T${size},${size}`, begun: 0, stateCount: 2 })
      ]
      for (let step = 0; step < steps; step++) {
        const { cells } = simulator.grid()
        for (let index = 0; index < cells.length; index++) writer.record(index, step, cells[index]!)
        blocks.push(writer.news(step * 10))
        simulator.run(1)
      }
      const file = path.join(folder, "game.c10k")
      fs.writeFileSync(file, Buffer.concat(blocks))
      return file
    }
  )

/** How many pictures of this size a worker of an empty page draws in a second, without any page. */
const able = async (browser: Browser, size: number): Promise<number> => {
  const page = await browser.newPage()
  const script = `
    const raster = new OffscreenCanvas(${size}, ${size}), screen = new OffscreenCanvas(974, 594)
    const [from, to] = [raster, screen].map((canvas) => canvas.getContext("2d", { alpha: false }))
    const image = new ImageData(${size}, ${size}), pixels = new Uint32Array(image.data.buffer)
    let count = 0
    const draw = () => {
      count++
      pixels.fill(0xff000000 + count)
      from.putImageData(image, 0, 0)
      to.drawImage(raster, 0, 0, 594, 594)
      if (performance.now() < 5_000) requestAnimationFrame(draw)
      else postMessage(count / (performance.now() / 1_000))
    }
    requestAnimationFrame(draw)`
  const count = await page.evaluate<number>(`new Promise((resolve) => {
    const worker = new Worker(URL.createObjectURL(new Blob([${JSON.stringify(script)}])))
    worker.onmessage = ({ data }) => resolve(data)
  })`)
  await page.close()
  return count
}

/** Watches a recording that repeats, at "every frame" and full speed. */
const watch = async (page: Page, port: number, seconds: number) => {
  await page.addInitScript(`localStorage.setItem("effect-c10k.watch", '{"rate":0}')`)
  await page.goto(`http://127.0.0.1:${port}/`)
  await page.locator("#phase", { hasText: "Running" }).waitFor({ state: "attached" })
  await page.locator("#replay-loops").check()
  await page.locator("#run-speed").selectOption("1000")
  const worker = page.workers().find(isDrawing) ?? (await page.waitForEvent("worker", isDrawing))
  const session = await page.context().newCDPSession(page)
  const heap = async () => {
    await session.send("HeapProfiler.collectGarbage")
    const { usedSize, backingStorageSize = 0 }: { usedSize: number; backingStorageSize?: number } =
      await session.send("Runtime.getHeapUsage")
    return (usedSize + backingStorageSize) / MIB
  }
  const busy = await mainThread(page)
  await worker.evaluate(countPainted)
  // Until the kept generations have their full size.
  await page.waitForTimeout(Math.min(60, seconds / 2) * 1_000)
  const before = { busy: await busy(), heap: await heap(), painted: await worker.evaluate<number>("painted") }
  const begun = performance.now()
  await page.waitForTimeout(seconds * 1_000)
  const took = (performance.now() - begun) / 1_000
  return {
    pictures: ((await worker.evaluate<number>("painted")) - before.painted) / took,
    busy: ((await busy()) - before.busy) / took,
    growth: (await heap()) - before.heap
  }
}

const played = (size: number, seconds: number): Case => ({
  points: [{ title: `${size} × ${size} cells, ${seconds} s` }],
  takesPart: (contender) => contender.servesPage === true && contender.givesUpSlowReaders === true,
  measure: (contender) =>
    Effect.gen(function* () {
      const file = yield* recording(size, 120)
      const port = yield* start(contender, "life", "replay", file, "--speed", "1000")
      const browser = yield* chromiumShell
      return yield* attempt("the recording can't be watched", async () => [
        { ...(await watch(await browser.newPage(), port, seconds)), able: await able(browser, size) }
      ])
    })
})

export const replayPage: Scenario = {
  name: "replay-page",
  title: "A large recording on the page",
  about:
    'A recording of 1000 × 1000 cells repeats at full speed for ten minutes, and the page shows it in Chromium at "every frame". ' +
    '"Without the page" is what a worker that only fills and draws such a picture reaches on the same machine. Growth is that of the ' +
    "memory of the page's scripts, after a minute.",
  metrics: [
    { key: "pictures", label: "painted frames", unit: "1/s", better: "higher", digits: 0 },
    { key: "able", label: "without the page", unit: "1/s", better: "higher", digits: 0 },
    { key: "busy", label: "CPU of the page's thread", unit: "ms/s", better: "lower", digits: 0 },
    { key: "growth", label: "growth of memory", unit: "MiB", better: "lower", digits: 1 }
  ],
  isRare: true,
  cases: (scale) => [scale === "quick" ? played(1_000, 5) : played(1_000, 600)]
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
