import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import type { Block } from "../../src/Protocol/WatchProtocol.ts"
import { emptyFrame, Model } from "../../static/watch/Model/Model.ts"
import { Display, type Options } from "../../static/watch/Stage/Display.ts"
import type { Order } from "../../static/watch/Stage/Renderer.ts"
import type { Stage } from "../../static/watch/Stage/Stage.ts"
import { themeNamed } from "../../static/watch/Stage/Themes.ts"

const side = 8

const game = (number: number): ReadonlyArray<Block> => [
  { _tag: "Game", game: number, width: side, height: side, topology: "", stateCount: 2 },
  generation(1)
]

const generation = (step: number): Block => ({
  _tag: "Cells",
  base: step,
  indices: undefined,
  values: new Uint8Array(side * side).fill(1),
  ages: new Uint8Array(side * side)
})

const options: Options = {
  theme: themeNamed("age"),
  scheme: "light",
  interval: 0,
  isGuarded: false,
  hasLines: true,
  isRepeated: true,
  isStill: true,
  backdrop: { outside: "", line: "", mark: "" }
}

/** A display whose pictures are drawn when the test says so. */
const make = () => {
  const model = new Model()
  const orders: Array<Order> = []
  const stage = {
    size: { width: 100, height: 100 },
    isBusy: false,
    draw: (order: Order) => orders.push(order),
    poll: () => {}
  } as unknown as Stage
  const display = new Display(stage, model, options)
  const hear = (blocks: ReadonlyArray<Block>) => {
    model.apply(blocks)
    display.refresh()
  }
  return { display, hear, orders }
}

let frames: Array<(now: number) => void> = []
const draw = () => {
  const due = frames
  frames = []
  for (const frame of due) frame(performance.now())
}

beforeAll(() => {
  vi.stubGlobal("window", {
    devicePixelRatio: 1,
    setTimeout: () => 0,
    clearTimeout: () => {},
    requestAnimationFrame: (frame: (now: number) => void) => frames.push(frame)
  })
})
afterAll(() => {
  vi.unstubAllGlobals()
})

describe("What a viewer does between the figures of a game and its first picture", () => {
  it("What a viewer does between the figures of a game and its first picture is not undone: the view stays frozen", () => {
    const { display, hear } = make()
    for (const number of [1, 2]) {
      hear(game(number))
      display.freeze(true)
      draw()
      assert.isTrue(display.isFrozen)
      assert.isTrue(display.isPast)
      hear([generation(2)])
      draw()
      assert.strictEqual(display.frame.steps[0], 1)
      display.freeze(false)
      draw()
      assert.strictEqual(display.frame.steps[0], 2)
    }
  })

  it("What a viewer does between the figures of a game and its first picture is not undone: the part of the grid stays", () => {
    const { display, hear } = make()
    hear(game(1))
    const view = { scale: 20, centre: { x: 2, y: 2 } }
    display.camera.setView(view)
    display.camera.mark({ x: 3, y: 4 })
    draw()
    assert.deepStrictEqual(display.camera.chosenView, view)
    assert.deepStrictEqual(display.camera.marked, { x: 3, y: 4 })
  })
})

describe("Generations that a viewer goes through", () => {
  it("Generations that a viewer goes through are drawn no more often than those of a game that runs, and count for the guard", () => {
    const { display, hear, orders } = make()
    const recalled = (step: number) => {
      const frame = emptyFrame(side, side)
      frame.steps.fill(step)
      return frame
    }
    hear(game(1))
    draw()
    display.options = { ...options, interval: 1e9 }
    draw()
    display.recall(recalled(7))
    display.repaint()
    draw()
    assert.isUndefined(orders.at(-1)!.painting)
    // The figures are those of the generation all the same.
    assert.strictEqual(display.steps.min, 7)
    display.recall(recalled(8))
    display.options = { ...options, isGuarded: true }
    draw()
    const { painting } = orders.at(-1)!
    assert.strictEqual(painting?.frame?.steps[0], 8)
    assert.isDefined(painting?.guarded)
    // It is painted once.
    const count = orders.filter((order) => order.painting !== undefined).length
    display.camera.mark({ x: 1, y: 1 })
    draw()
    assert.strictEqual(orders.filter((order) => order.painting !== undefined).length, count)
  })
})

describe("A picture of the next game", () => {
  it("A picture of the next game fades in only if the last picture was seen for a while: who seeks in a replay begins many", () => {
    const clock = vi.spyOn(performance, "now").mockReturnValue(10_000)
    try {
      const { display, hear, orders } = make()
      display.options = { ...options, isStill: false }
      hear(game(1))
      draw()
      const fadeAt = (now: number, number: number) => {
        clock.mockReturnValue(now)
        hear(game(number))
        draw()
        const { options, painting } = orders.at(-1)!
        assert.isDefined(painting)
        return options.fade
      }
      assert.strictEqual(fadeAt(10_040, 2), 1)
      assert.strictEqual(fadeAt(10_080, 3), 1)
      assert.strictEqual(fadeAt(11_080, 4), 0)
    } finally {
      clock.mockRestore()
    }
  })
})

describe("Other colours", () => {
  it("Other colours of the page come to the cells and to what is around them with the same picture", () => {
    const { display, hear, orders } = make()
    hear(game(1))
    draw()
    // The next picture is not due for long.
    const dark: Options = { ...options, scheme: "dark", backdrop: { ...options.backdrop, outside: "black" } }
    display.options = { ...options, interval: 1e9 }
    hear([generation(2)])
    display.options = { ...dark, interval: 1e9 }
    display.camera.mark({ x: 1, y: 1 })
    draw()
    const waiting = orders.at(-1)!
    assert.isUndefined(waiting.painting)
    assert.strictEqual(waiting.options.backdrop.outside, "")
    display.options = dark
    draw()
    const drawn = orders.at(-1)!
    assert.strictEqual(drawn.painting?.scheme, "dark")
    assert.strictEqual(drawn.options.backdrop.outside, "black")
  })
})
