/** The time line of the page, with the recording of the server and with the generations that the page has seen. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import type { Page } from "playwright-core"
import * as GameDriver from "../../src/Life/Game/GameDriver.ts"
import * as SocketTransport from "../../src/Life/Game/SocketTransport.ts"
import * as Grid from "../../src/Life/Universe/Grid.ts"
import * as Rule from "../../src/Life/Universe/Rule.ts"
import * as Topology from "../../src/Life/Universe/Topology.ts"
import { Reactor } from "../../src/WebSocket/Connection/Reactor.ts"
import { bitsFor, pack, stateAt } from "../../static/watch/Model/Generation.ts"
import { GenerationAssembly } from "../../static/watch/Model/GenerationAssembly.ts"
import { GenerationStore } from "../../static/watch/Model/GenerationStore.ts"
import { describeCell } from "../../static/watch/Model/Inspector.ts"
import type { Frame } from "../../static/watch/Model/Model.ts"
import { themeNamed } from "../../static/watch/Stage/Themes.ts"
import { serveRelay } from "../Server/Game/RelayRig.ts"
import { chromium, open } from "./Browser.ts"
import { act, eventually, harness, untilText } from "./Harness.ts"
import { TestGame } from "./TestGame.ts"

const size = { width: 16, height: 16 }

/** An R-pentomino: no two of its first hundred generations are alike. */
const start = () => {
  const grid = Grid.make(16, 16)
  for (const [row, column] of [
    [6, 7],
    [6, 8],
    [7, 6],
    [7, 7],
    [8, 7]
  ] as const)
    grid.cells[row * 16 + column] = 1
  return grid
}

/** The generation of a step, computed from the rule alone. */
const generationAt = (step: number): ReadonlyArray<number> => {
  let cells = [...start().cells]
  for (let time = 0; time < step; time++)
    cells = cells.map((cell, index) => {
      let alive = 0
      for (const dy of [15, 0, 1])
        for (const dx of [15, 0, 1])
          if (dy !== 0 || dx !== 0) alive += cells[(((index >> 4) + dy) % 16) * 16 + (((index & 15) + dx) % 16)]!
      return alive === 3 || (alive === 2 && cell === 1) ? 1 : 0
    })
  return cells
}

const play = (port: number, path: string, steps: number, speed = 10_000) =>
  Effect.gen(function* () {
    const transport = yield* Layer.build(
      SocketTransport.layer({ url: new URL(`ws://127.0.0.1:${port}${path}`) }).pipe(Layer.provide(Reactor.layer()))
    )
    const game = yield* GameDriver.start({
      start: start(),
      rule: Rule.life,
      topology: Topology.torus(16, 16),
      steps,
      speed,
      connectRate: Number.POSITIVE_INFINITY,
      resume: false,
      giveUp: Number.POSITIVE_INFINITY
    }).pipe(Effect.provide(transport))
    yield* game.done
  })

/** Drags the bar to a step. */
const scrub = (page: Page, step: number) => page.locator("#timeline-range").fill(String(step))

/** The drawn cells, by the light and dark colours of the theme. */
const drawn = (page: Page): Promise<ReadonlyArray<number>> =>
  page.evaluate(({ height, width }) => {
    const canvas = document.querySelector<HTMLCanvasElement>("#canvas")!
    // A worker draws on the canvas, so the page reads a copy.
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d")!
    copy.drawImage(canvas, 0, 0)
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height)
    const scale = Math.floor(Math.min((canvas.width - 32) / width, (canvas.height - 32) / height))
    return Array.from({ length: width * height }, (_, index) => {
      const x = Math.floor(canvas.width / 2 + ((index % width) + 0.5 - width / 2) * scale)
      const y = Math.floor(canvas.height / 2 + (Math.floor(index / width) + 0.5 - height / 2) * scale)
      const at = 4 * (y * canvas.width + x)
      return data[at]! + data[at + 1]! + data[at + 2]! < 384 ? 1 : 0
    })
  }, size)

const untilDrawn = (page: Page, expected: ReadonlyArray<number>) =>
  eventually(async () => assert.deepStrictEqual(await drawn(page), expected))

const visit = (port: number, path = "/") =>
  Effect.gen(function* () {
    const browser = yield* chromium
    const { errors, page } = yield* Effect.promise(() =>
      open(browser, `http://127.0.0.1:${port}${path}`, { reducedMotion: "reduce", colorScheme: "light" })
    )
    // This server has no pattern library.
    return { page, uncaught: () => errors.filter((error) => !error.includes("404")) }
  })

describe("The time line", () => {
  for (const path of ["/", "/games/other/"])
    it.scopedLive(
      `The time line goes through the whole game that the server of ${path} has kept, also for who joins late`,
      () =>
        Effect.gen(function* () {
          const { port } = yield* serveRelay({ history: { bytes: 2 ** 26, steps: Number.POSITIVE_INFINITY } })
          yield* play(port, path, 100)
          const { page, uncaught } = yield* visit(port, path)
          yield* Effect.promise(async () => {
            await untilText(page, "#generation", "100")
            await page.locator("#theme").selectOption("mono")
            await page.locator("#grid").focus()
            await page.keyboard.press("b")
            await untilText(page, "#timeline-reach", "from 0, as the server has kept it")
            await untilText(page, "#timeline-shown", "Live: 100")
            for (const step of [5, 0, 99]) {
              await scrub(page, step)
              await untilText(page, "#timeline-shown", `Generation ${step}`)
              await untilText(page, "#generation", String(step))
              await untilDrawn(page, generationAt(step))
            }
            // By keyboard, and by the buttons for one frame.
            await page.keyboard.press("ArrowLeft")
            await untilText(page, "#timeline-shown", "Generation 98")
            await act(page, "back")
            await untilText(page, "#timeline-shown", "Generation 97")
            await act(page, "forward")
            await untilText(page, "#timeline-shown", "Generation 98")
            await untilDrawn(page, generationAt(98))
            await page.locator("#timeline-live").click()
            await untilText(page, "#timeline-shown", "Live: 100")
            await untilDrawn(page, generationAt(100))
            await page.locator("#timeline-range").focus()
            await page.keyboard.press("Home")
            await untilText(page, "#timeline-shown", "Generation 0")
            await page.keyboard.press("Escape")
            await page.locator("#timeline").waitFor({ state: "hidden" })
            await untilText(page, "#generation", "100")
            await page.locator("#grid:focus").waitFor()
          })
          assert.deepStrictEqual(uncaught(), [])
        })
    )

  it.scopedLive("The time line reads what the server has compressed, also when who joins late goes back a step", () =>
    Effect.gen(function* () {
      // A step of 256 cells has at least as many bytes, and 128 KiB of them make one packed block.
      const { port } = yield* serveRelay({ history: { bytes: 2 ** 26, steps: Number.POSITIVE_INFINITY } })
      yield* play(port, "/", 700)
      const { page, uncaught } = yield* visit(port)
      yield* Effect.promise(async () => {
        await untilText(page, "#generation", "700")
        await page.locator("#theme").selectOption("mono")
        // The page has seen nothing earlier, so the first step back asks the server. The keys go on with the next one.
        await page.locator("#grid").focus()
        await page.keyboard.press(",")
        await untilText(page, "#timeline-reach", "from 0, as the server has kept it")
        await page.waitForFunction(() => (document.querySelector("#timeline-range") as HTMLInputElement).max === "700")
        await page.keyboard.press(",")
        await untilText(page, "#timeline-shown", "Generation 699")
        await scrub(page, 7)
        await untilDrawn(page, generationAt(7))
      })
      assert.deepStrictEqual(uncaught(), [])
    })
  )
})

describe("The time line of a page whose memory is full", () => {
  it.scopedLive(
    "The time line of a page whose memory is full says that the generation that is seen is not kept, and it stays",
    () =>
      Effect.gen(function* () {
        const { port } = yield* serveRelay({ history: { bytes: 2 ** 26, steps: Number.POSITIVE_INFINITY } })
        yield* Effect.forkScoped(play(port, "/", Number.POSITIVE_INFINITY, 20))
        const { page, uncaught } = yield* visit(port, "/test/")
        yield* Effect.promise(async () => {
          // Room for twenty generations, which is a second: on a busy machine the picture is behind some of them.
          await page.route("**/watch/main.js", async (route) => {
            const response = await route.fetch()
            const body = await response.text()
            const small = body.replaceAll(/33554432|32 ?\* ?2 ?\*\* ?20/g, "3200")
            assert.notStrictEqual(small, body)
            await route.fulfill({ response, body: small })
          })
          await page.goto(`http://127.0.0.1:${port}/`)
          await untilText(page, "#generation", /^\d/)
          await page.locator("#grid").press("b")
          await untilText(page, "#timeline-reach", /^from [1-9][\d,]*, as the server has kept it$/)
          // If the picture is behind all of them, there is none before it.
          await eventually(async () => {
            await page.locator("#grid").press(",")
            assert.match((await page.textContent("#timeline-shown")) ?? "", /^Generation/)
          })
          await untilText(
            page,
            "#timeline-reach",
            /^It stays here until you go on\. The oldest that is kept is [\d,]+\.$/
          )
          const seen = (await page.textContent("#timeline-shown"))!
          const [, generation = ""] = /^Generation ([\d,]+), not kept$/.exec(seen) ?? []
          await untilText(page, "#generation", generation)
          // A phone has no room for what is kept, but says what is not.
          await page.setViewportSize({ width: 390, height: 844 })
          assert.isTrue(await page.locator("#timeline-reach").isHidden())
          await page.locator("#timeline-shown").getByText(seen).waitFor()
          // Forward is to the oldest that is kept, which is dropped soon after.
          await act(page, "forward")
          await untilText(page, "#timeline-shown", new RegExp(`^Generation (?!${generation}\\b)`))
        })
        assert.deepStrictEqual(uncaught(), [])
      })
  )
})

describe("The time line without a server's history", () => {
  const test = harness()

  it("The time line without a server's history goes through what the page has seen", async () => {
    const game = TestGame.running(test.server.state, 8, 8, (row, column) => row === 3 && column > 1 && column < 5)
    const page = await test.visit()
    await act(page, "time")
    for (let step = 1; step <= 6; step++) {
      game.advance()
      await untilText(page, "#generation", String(step))
      await untilText(page, "#timeline-shown", `Live: ${step}`)
    }
    await untilText(page, "#timeline-reach", /as this page has seen it$/)
    await scrub(page, 3)
    await untilText(page, "#timeline-shown", "Generation 3")
    game.advance()
    await untilText(page, "#timeline-shown", "Generation 3")
    await page.locator("#timeline-live").click()
    await untilText(page, "#generation", "7")
    // Another game: nothing of the one before.
    TestGame.running(test.server.state, 8, 8, () => false)
    await untilText(page, "#timeline-shown", "Live: 0")
  })

  it("The time line without a server's history has a hole after the connection was lost: keys come past it, a finger gets what is nearest", async () => {
    const game = TestGame.running(test.server.state, 8, 8, (row, column) => row === 3 && column > 1 && column < 5)
    const page = await test.visit("", { hasTouch: true })
    await act(page, "time")
    await untilText(page, "#timeline-shown", "Live: 0")
    const see = async (step: number) => {
      game.advance()
      await untilText(page, "#timeline-shown", `Live: ${step}`)
    }
    for (const step of [1, 2, 3]) await see(step)
    await page.context().setOffline(true)
    await untilText(page, "#link-text", "This device is offline.")
    for (let step = 4; step < 40; step++) game.advance()
    await page.context().setOffline(false)
    await untilText(page, "#timeline-shown", "Live: 39")
    await see(40)
    const bar = page.locator("#timeline-range")
    for (const [key, step] of [
      ["Home", 0],
      ["ArrowRight", 1],
      ["End", 40],
      ["ArrowLeft", 39],
      ["ArrowLeft", 3],
      ["ArrowLeft", 2],
      ["ArrowRight", 3],
      ["ArrowRight", 39]
    ] as const) {
      await bar.press(key)
      await untilText(page, "#timeline-shown", `Generation ${step}`)
    }
    // Under a finger the bar stays where it is as long as this is nearest.
    const { height, width, x, y } = (await bar.boundingBox())!
    const screen = await page.context().newCDPSession(page)
    const touch = (type: "touchStart" | "touchMove", step: number) =>
      screen.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: [{ x: x + 8 + ((width - 16) * step) / 40, y: y + height / 2 }]
      })
    await touch("touchStart", 3)
    for (const [step, nearest] of [
      [10, 3],
      [15, 3],
      [30, 39],
      [12, 3]
    ] as const) {
      await touch("touchMove", step)
      await untilText(page, "#toast", `Generation ${step} is not kept; ${nearest} is the nearest.`)
      await untilText(page, "#timeline-shown", `Generation ${nearest}`)
    }
    await screen.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] })
    await bar.press("ArrowRight")
    await untilText(page, "#timeline-shown", "Generation 39")
    await page.locator("#timeline-go").fill("38")
    await page.keyboard.press("Enter")
    await untilText(page, "#toast", "Generation 38 is not kept; 39 is the nearest.")
  })
})

describe("The time line of a game that has just begun", () => {
  const test = harness()

  it("The time line of a game that has just begun has nothing to go through, and is left by Escape all the same", async () => {
    TestGame.running(test.server.state, 8, 8, () => false)
    const page = await test.visit()
    await untilText(page, "#generation", "0")
    await page.locator("#grid").focus()
    await page.keyboard.press("b")
    await page.locator("#timeline-range:disabled").waitFor()
    await page.keyboard.press("Escape")
    await page.locator("#timeline").waitFor({ state: "hidden" })
  })
})

describe("GenerationAssembly", () => {
  it.prop(
    "GenerationAssembly tells each generation once, in order, however far cells are ahead of others",
    [
      FastCheck.infiniteStream(FastCheck.nat()),
      FastCheck.integer({ min: 1, max: 12 }),
      FastCheck.constantFrom(2, 3, 4, 16, 17, 255)
    ],
    ([choices, cells, stateCount]) => {
      const stateOf = (index: number, step: number) => (index * 7 + step * 50) % stateCount
      const bits = bitsFor(stateCount)
      const complete: Array<number> = []
      const assembly = new GenerationAssembly(cells, bits, (step, packed) => {
        complete.push(step)
        for (let index = 0; index < cells; index++)
          assert.strictEqual(stateAt(packed, bits, index), stateOf(index, step))
      })
      const next = new Array<number>(cells).fill(0)
      for (let left = cells * 10; left > 0; left--) {
        const open = next.flatMap((step, index) => (step < 10 ? [index] : []))
        const index = open[choices.next().value! % open.length]!
        assembly.state(index, next[index]!, stateOf(index, next[index]!))
        next[index]!++
      }
      assert.deepStrictEqual(complete, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    }
  )

  it("GenerationAssembly passes over what a recording that begins in the middle tells of a part of the cells", () => {
    const complete: Array<number> = []
    const assembly = new GenerationAssembly(2, 1, (step) => complete.push(step))
    assembly.state(0, 4, 1)
    assembly.state(1, 5, 1)
    assembly.state(0, 5, 0)
    assembly.state(0, 6, 0)
    assembly.state(1, 6, 0)
    assert.deepStrictEqual(complete, [5, 6])
  })
})

/** The colours of a frame's cells. */
const painted = (frame: Frame, theme: string) => {
  const pixels = new Uint32Array(frame.states.length)
  themeNamed(theme).paint(frame, "light", pixels)
  return pixels
}

describe("GenerationStore", () => {
  const one = (index: number) =>
    pack(
      Uint8Array.from({ length: 16 }, (_, at) => (at === index ? 1 : 0)),
      1
    )

  it("GenerationStore keeps the newest that fit, in order, and finds the nearest", () => {
    const store = new GenerationStore(4, 4, 2, 4 * 122)
    for (const step of [7, 3, 5, 3, 9]) store.put(step, one(step))
    assert.deepStrictEqual([store.size, store.first, store.last], [4, 3, 9])
    store.put(10, one(10))
    // Older than all, where there is no room.
    store.put(1, one(1))
    assert.deepStrictEqual([store.size, store.first, store.last], [4, 5, 10])
    assert.deepStrictEqual(
      [-9, 5, 6, 8, 99].map((step) => store.nearest(step)),
      [5, 5, 5, 7, 10]
    )
    assert.deepStrictEqual(
      [4, 5, 7, 8, 10].map((step) => [store.before(step), store.after(step)]),
      [
        [undefined, 5],
        [undefined, 7],
        [5, 9],
        [7, 9],
        [9, undefined]
      ]
    )
  })

  it("GenerationStore keeps states beyond two", () => {
    const store = new GenerationStore(4, 4, 5)
    const states = Uint8Array.from({ length: 16 }, (_, index) => index % 5)
    store.put(3, pack(states, store.bits))
    const frame = store.frame(3)
    assert.strictEqual(frame.stateCount, 5)
    assert.deepStrictEqual(frame.states, states)
  })

  it("GenerationStore tells ages from the generations right before", () => {
    const store = new GenerationStore(4, 4, 2)
    for (const [step, index] of [
      [0, 2],
      [1, 2],
      [2, 3],
      [3, 3],
      [5, 3]
    ] as const)
      store.put(step, one(index))
    const { ages, heats, states, steps } = store.frame(3)
    assert.deepStrictEqual([states[2], states[3], steps[0]], [0, 1, 3])
    assert.deepStrictEqual([...ages.subarray(0, 4)], [3, 3, 1, 1])
    assert.isAbove(heats[2]!, heats[0]!)
    assert.isUndefined(store.frame(3).agesUpTo)
    // The preceding generation is missing, so ages are minimum values, and dead cells are painted as long dead.
    const after = store.frame(5)
    assert.deepStrictEqual([...after.ages.subarray(0, 4)], [0, 0, 0, 0])
    assert.strictEqual(after.agesUpTo, 0)
    assert.match(describeCell(after, { x: 0, y: 0 }, 5), /dead, step 5, for 0 or more steps$/)
    assert.deepStrictEqual(painted(after, "age")[0], painted(after, "mono")[0])
    store.put(6, one(2))
    assert.match(describeCell(store.frame(6), { x: 3, y: 0 }, 6), /dead, step 6, for 0 steps$/)
    assert.match(describeCell(store.frame(6), { x: 0, y: 0 }, 6), /dead, step 6, for 1 or more steps$/)
    assert.notDeepEqual(painted(store.frame(6), "age")[3], painted(store.frame(6), "mono")[3])
  })
})
