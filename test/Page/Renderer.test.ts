/** What the part of the page that has the states tells to the page: frames, faults, and what the guard against flashes says. */
import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import { encodeCells, encodeGame } from "../../src/Protocol/WatchEncoder.ts"
import { WatchState } from "../../src/Server/Watch/WatchState.ts"
import { Model } from "../../static/watch/Model/Model.ts"
import { type Order, Renderer, type ToPage } from "../../static/watch/Stage/Renderer.ts"

/** A canvas on which nothing is seen. Every method of its context does nothing. */
class BlankCanvas {
  width = 1
  height = 1
  getContext(): unknown {
    return new Proxy({}, { get: () => () => {}, set: () => true })
  }
}

class BlankImage {
  readonly data: Uint8ClampedArray
  constructor(width: number, height: number) {
    this.data = new Uint8ClampedArray(4 * width * height)
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] })
  vi.stubGlobal("OffscreenCanvas", BlankCanvas)
  vi.stubGlobal("ImageData", BlankImage)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const make = (side: number) => {
  const state = new WatchState()
  state.reset(side, side)
  const reported: Array<ToPage> = []
  const renderer = new Renderer(new BlankCanvas() as unknown as OffscreenCanvas, (message) => reported.push(message))
  const news = (bytes: Uint8Array, begun = 1) =>
    renderer.take({ _tag: "News", message: Uint8Array.from(bytes).buffer, begun, wantsWhole: false })
  const cells = Uint32Array.from({ length: side * side }, (_, index) => index)
  /** All cells take a step. */
  const step = (number: number) => {
    for (const cell of cells) state.record(cell, number, number & 1)
    news(encodeCells(state, cells, cells.length, "numbers")!)
  }
  const frames = () => reported.filter((message) => message._tag === "Frame")
  news(encodeGame(state))
  return { state, renderer, reported, news, step, frames }
}

/** Draws a picture of a grid of 64 by 64 cells, and returns what the guard says. */
const drawing =
  ({ renderer, reported }: Pick<ReturnType<typeof make>, "renderer" | "reported">) =>
  (guarded: { readonly scale: number; readonly now: number } | undefined) => {
    const options: Order["options"] = {
      ...{ view: { scale: 10, centre: { x: 32, y: 32 } }, grid: { width: 64, height: 64 }, isHexagonal: false },
      ...{ screen: { width: 640, height: 640 }, ratio: 1, backdrop: { outside: "", line: "", mark: "" } },
      ...{ hasLines: false, isRepeated: false, marked: undefined, outline: undefined, fade: 1 }
    }
    const painting = {
      frame: undefined,
      guarded,
      theme: "mono",
      scheme: "dark",
      connected: 0,
      subscribed: 0
    } as const
    renderer.take({ _tag: "Draw", order: { options, painting } })
    const drawn = reported.at(-1)
    assert(drawn?._tag === "Drawn")
    return drawn.calm
  }

describe("Renderer", () => {
  it("the page gets the first cells at once, and of what comes soon after them only the newest, when the time has come", () => {
    const { frames, step } = make(256)
    vi.advanceTimersByTime(40)
    const before = frames().length
    for (const number of [0, 1, 2, 3]) step(number)
    // A grid of this size is looked at every 40 ms.
    vi.advanceTimersByTime(40)
    const steps = frames()
      .slice(before)
      .map(({ sighting }) => sighting.frame.steps[0])
    assert.deepStrictEqual(steps, [0, 3])
    vi.advanceTimersByTime(10_000)
    assert.lengthOf(frames(), before + 2)
  })

  it("a frame that the page asked for comes at once, and is not changed by what comes later", () => {
    const { frames, renderer, step } = make(256)
    step(0)
    step(1)
    renderer.take({ _tag: "Poll" })
    const asked = frames().at(-1)!
    assert.isTrue(asked.isAsked)
    assert.deepStrictEqual([asked.sighting.frame.steps[0], asked.sighting.frame.states[0]], [1, 1])
    step(2)
    assert.deepStrictEqual([asked.sighting.frame.steps[0], asked.sighting.frame.states[0]], [1, 1])
  })

  it("a frame of the grid before is not taken for one of the next grid", () => {
    const { frames, news, renderer, state, step } = make(8)
    step(0)
    vi.advanceTimersByTime(1)
    const page = new Model()
    page.note([{ _tag: "Game", game: 1, width: 8, height: 8, topology: "", stateCount: 2 }], true)
    assert.isTrue(page.adopt(frames().at(-1)!.sighting))
    assert.strictEqual(page.frame.steps[0], 0)
    page.note([{ _tag: "Game", game: 2, width: 4, height: 4, topology: "", stateCount: 2 }], false)
    renderer.take({ _tag: "Poll" })
    assert.isFalse(page.adopt(frames().at(-1)!.sighting))
    assert.strictEqual(page.frame.width, 4)
    state.reset(4, 4)
    news(encodeGame(state), page.begun)
    renderer.take({ _tag: "Poll" })
    assert.isTrue(page.adopt(frames().at(-1)!.sighting))
  })

  it("the page learns of cells that are not on the grid, and of bytes that are no message", () => {
    const { frames, news, renderer, state, reported } = make(4)
    state.record(3, 0, 1)
    const far = encodeCells(state, new Uint32Array([3]), 1, "numbers")!
    const faults = () => reported.flatMap((message) => (message._tag === "Fault" ? [message.isReadable] : []))
    news(far)
    assert.deepStrictEqual(faults(), [])
    // The number of the cell follows the head of the block, the base and the count.
    far[16] = 200
    news(far)
    news(new Uint8Array([2, 0, 0, 0, 1, 0, 0, 0]), 2)
    assert.deepStrictEqual(faults(), [true, false])
    // The page may have begun another grid with that message. These cells are not on it.
    renderer.take({ _tag: "Poll" })
    assert.strictEqual(frames().at(-1)?.sighting.begun, 1)
  })

  it("the page learns with each guarded picture when the next one may come, and nothing with another", () => {
    const { renderer, step, reported } = make(64)
    const draw = drawing({ renderer, reported })
    step(0)
    assert.isUndefined(draw(undefined))
    for (let number = 1; number <= 8; number++) {
      step(number)
      draw({ scale: 10, now: number * 50 })
    }
    const calm = draw({ scale: 10, now: 450 })
    assert.isAbove(calm?.until ?? 0, 450)
    assert.isAbove(calm?.nextAt ?? 0, 450)
  })

  it("the guard counts the changes from one game to the next, because who seeks in a replay begins many of them", () => {
    const { news, renderer, reported, state } = make(64)
    const draw = drawing({ renderer, reported })
    const times = [0, 45, 90, 135, 180, 225]
    const calms = times.map((now, game) => {
      state.reset(64, 64)
      for (let cell = 0; cell < 64 * 64; cell++) state.record(cell, game, game & 1)
      news(encodeGame(state), game + 1)
      news(
        encodeCells(
          state,
          Uint32Array.from({ length: 64 * 64 }, (_, cell) => cell),
          64 * 64,
          "numbers"
        )!,
        game + 1
      )
      return draw({ scale: 10, now })
    })
    // The first picture is no change. Five changes in a second are the most.
    assert.deepStrictEqual(calms.at(-1)?.nextAt, 45 + 1_000)
  })
})
