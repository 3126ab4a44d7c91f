import { readFile } from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import type { Page } from "playwright-core"
import * as PatternText from "../../src/Life/Pattern/PatternText.ts"
import * as Grid from "../../src/Life/Universe/Grid.ts"
import * as Rule from "../../src/Life/Universe/Rule.ts"
import { Simulator } from "../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../src/Life/Universe/Topology.ts"
import { MAX_AGE, NO_STEP } from "../../src/Protocol/WatchProtocol.ts"
import { populationOf, wholeGeneration } from "../../static/watch/Model/Generation.ts"
import { emptyFrame } from "../../static/watch/Model/Model.ts"
import { headline } from "../../static/watch/Model/Progress.ts"
import { Pulse } from "../../static/watch/Model/Pulse.ts"
import { situationOf } from "../../static/watch/Model/Situation.ts"
import { Tally } from "../../static/watch/Model/Tally.ts"
import { isTorus, parseUniverse } from "../../static/watch/Model/Universe.ts"
import { act, choose, harness, hueOf, untilColour, untilText } from "./Harness.ts"
import { scattered, TestGame } from "./TestGame.ts"

const test = harness()

const side = 24
const grid = { width: 8, height: 8 }
const blinker = (row: number, column: number) => row === 3 && column >= 2 && column <= 4
const alive = { 0: hueOf(0, 1), 1: hueOf(1, 1) } as const

/** The cells of the random game at a step. */
const simulated = (step: number): ReadonlyArray<number> => {
  const start = Grid.make(side, side)
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) start.cells[row * side + column] = scattered(row, column) ? 1 : 0
  const simulator = new Simulator(start, Rule.life, Topology.torus(side, side))
  simulator.run(step)
  return [...simulator.grid().cells]
}

const savedRle = async (page: Page) => {
  const [download] = await Promise.all([page.waitForEvent("download"), act(page, "save-rle")])
  const step = Number(/^life-24x24-step-(\d+)\.rle$/.exec(download.suggestedFilename())?.[1])
  return { step, text: await readFile(await download.path(), "utf8") }
}

const checkSaved = ({ step, text }: { readonly step: number; readonly text: string }) => {
  assert.match(text, new RegExp(`^#CXRLE Pos=-12,-12 Gen=${step}\nx = 24, y = 24, rule = B3/S23:T24,24\n`))
  const pattern = PatternText.read(text, "saved.rle")
  assert(pattern._tag === "Right", text)
  assert.deepStrictEqual([...pattern.right.grid.cells], simulated(step), `step ${step}`)
}

/** A game in which some cells are always ahead of others, until `stop`. */
const playUnevenly = () => {
  const game = TestGame.running(test.server.state, side, side, scattered, "B3/S23:T24,24")
  // This is neither a divisor nor a multiple of the number of cells, so the wavefront is everywhere in turn.
  const timer = setInterval(() => game.publishSome(131), 5)
  return { game, stop: () => clearInterval(timer) }
}

describe("Generations on the watch page", () => {
  it("Generations on the watch page saves and copies whole generations of a game that goes on, with rule and topology", async () => {
    const { stop } = playUnevenly()
    const page = await test.visit("", { permissions: ["clipboard-read", "clipboard-write"] })
    await untilText(page, "#phase", "Running")
    for (let time = 0; time < 4; time++) checkSaved(await savedRle(page))
    await act(page, "copy-rle")
    await untilText(page, "#toast", "The pattern was copied.")
    const text = await page.evaluate(() => navigator.clipboard.readText())
    checkSaved({ step: Number(/Gen=(\d+)/.exec(text)?.[1]), text })
    // The frozen frame is saved.
    await act(page, "play")
    await untilText(page, "#seen", /^Paused at generation \d/)
    const frozen = await page.textContent("#seen")
    const kept = await savedRle(page)
    assert.strictEqual(frozen!.replace("Paused at generation ", "").split("–")[0], String(kept.step))
    checkSaved(kept)
    stop()
  })

  it("Generations on the watch page shows whole generations only, when that is chosen, also after it connects again", async () => {
    const { game, stop } = playUnevenly()
    const page = await test.visit()
    await choose(page, "cells", "whole")
    await test.server.untilRequest("whole")
    const check = async () => {
      await untilText(page, "#spread", "all cells in step")
      const spreads = await page.evaluate(async () => {
        const seen = new Set<string>()
        for (let frame = 0; frame < 60; frame++) {
          await new Promise(requestAnimationFrame)
          seen.add(document.querySelector("#spread")!.textContent!)
        }
        return [...seen]
      })
      // Right after it has connected again the page has no cells yet, and says nothing of them.
      assert.deepStrictEqual(
        spreads.filter((text) => text !== ""),
        ["all cells in step"]
      )
    }
    await check()
    test.server.requests.length = 0
    for (const socket of test.server.sockets) socket.terminate()
    await test.server.untilRequest("whole")
    await untilText(page, "#phase", "Running")
    await check()
    await choose(page, "cells", "newest")
    stop()
    // Once more if this ends with a whole generation.
    do game.publishSome(200)
    while (test.server.state.range.least === test.server.state.range.greatest)
    await untilText(page, "#spread", "cells up to 1 apart")
  })

  it("Generations on the watch page knows another server's game by more than its number", async () => {
    const game = TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await untilColour(page, grid, 3, 2, alive[0])
    game.advance()
    await untilColour(page, grid, 2, 3, alive[1])
    await act(page, "play")
    await untilText(page, "#seen", "Paused at generation 1")
    await page.locator('.controls [data-action="back"]:enabled').waitFor()
    await test.server.restart()
    TestGame.running(test.server.state, 8, 8, (row, column) => row === 0 && column === 0)
    await untilColour(page, grid, 0, 0, alive[0])
    await untilText(page, "#play-label", "Pause")
    await page.locator('[data-action="back"]:disabled').waitFor()
    await page.locator("#seen").waitFor({ state: "hidden" })
  })

  it("Generations on the watch page tells the generation that is seen, frozen or from before, and the newest again after", async () => {
    const game = TestGame.running(test.server.state, 8, 8, (row, column) => row === 0 || blinker(row, column))
    const page = await test.visit()
    await untilText(page, "#population", "11")
    await untilColour(page, grid, 3, 2, alive[0])
    game.advance()
    await untilText(page, "#generation", "1")
    const then = String(test.server.state.population)
    await untilColour(page, grid, 2, 3, alive[1])
    await act(page, "play")
    game.advance()
    game.advance()
    await untilText(page, "#seen", "Paused at generation 1")
    await untilText(page, "#generation", "1")
    await untilText(page, "#population", then)
    await act(page, "back")
    await untilText(page, "#seen", "Paused at generation 0")
    await untilText(page, "#population", "11")
    await act(page, "play")
    await untilText(page, "#generation", "3")
    await page.locator("#seen").waitFor({ state: "hidden" })
  })

  it("Generations on the watch page tells a paused, a stalled, a lost and a finished game apart", async () => {
    test.server.list = { ...test.server.list, hasControl: true }
    test.server.control = { type: "state", game: "running", speed: 20 }
    const game = TestGame.running(test.server.state, 8, 8, blinker)
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    test.server.answer({ type: "state", game: "paused", speed: 20 })
    await untilText(page, "#phase", "Paused")
    test.server.answer({ type: "state", game: "running", speed: 20 })
    await untilText(page, "#phase", "Running")
    for (let step = 0; step < 2; step++) {
      game.advance()
      await untilText(page, "#generation", String(step + 1))
    }
    // Its workers are connected but send nothing more.
    await untilText(page, "#phase", "Stalled")
    game.advance()
    await untilText(page, "#phase", "Running")
    const { state } = test.server
    state.setCounts(60, 60, 4)
    await untilText(page, "#phase", "Clients lost")
    assert.match((await page.getAttribute("#phase", "title"))!, /^The connections of 4 clients broke/)
    test.server.answer({ type: "state", game: "ended", speed: 10 })
    state.setPhase("ended")
    state.setCounts(0, 0, 64)
    await untilText(page, "#phase", "Cut off")
    state.setCounts(0, 0, 0)
    await untilText(page, "#phase", "Ended")
  })
})

describe("wholeGeneration", () => {
  const past = FastCheck.array(FastCheck.nat(1), { minLength: 4, maxLength: 12 })

  it.prop(
    "wholeGeneration is what all cells were at the least step, or nothing",
    [FastCheck.array(FastCheck.tuple(past, FastCheck.nat(3)), { minLength: 1, maxLength: 12 })],
    ([cells]) => {
      const base = 3
      const frame = emptyFrame(cells.length, 1)
      cells.forEach(([states, lead], index) => {
        const step = Math.min(base + lead, states.length - 1)
        let since = step
        while (since > 0 && states[since - 1] === states[step]) since--
        frame.steps[index] = step
        frame.states[index] = states[step]!
        frame.ages[index] = Math.min(MAX_AGE, step - since)
      })
      const whole = wholeGeneration(frame)
      const least = Math.min(...frame.steps)
      // The generation can always be computed if cells are one step ahead.
      if (Math.max(...frame.steps) - least <= 1) assert.isDefined(whole)
      if (whole === undefined) return
      assert.deepStrictEqual(
        [...whole.states],
        cells.map(([states]) => states[least]!)
      )
      assert.isTrue(whole.steps.every((step) => step === least))
    }
  )
})

describe("wholeGeneration of cells with more states", () => {
  it.prop(
    "wholeGeneration of cells with more states tells what a cell was that is one step ahead: the state before its own",
    [FastCheck.integer({ min: 2, max: 9 }), FastCheck.array(FastCheck.tuple(FastCheck.nat(8), FastCheck.boolean()))],
    ([stateCount, cells]) => {
      const frame = emptyFrame(cells.length + 1, 1, stateCount)
      // One cell is at the lowest step, so the others are ahead of it.
      for (const [index, [state, isAhead]] of [[0, false] as const, ...cells].entries()) {
        frame.steps[index] = isAhead ? 6 : 5
        frame.states[index] = (state + (isAhead ? 1 : 0)) % stateCount
        frame.ages[index] = 0
      }
      const expected = [0, ...cells.map(([state]) => state % stateCount)]
      const whole = wholeGeneration(frame)
      assert(whole !== undefined)
      assert.deepStrictEqual([...whole.states], expected)
      assert.strictEqual(whole.stateCount, stateCount)
      assert.strictEqual(populationOf(whole), expected.filter((state) => state > 0).length)
    }
  )
})

describe("Pulse", () => {
  it("Pulse takes a game for stalled that takes much longer than before", () => {
    const pulse = new Pulse()
    pulse.restart(0)
    pulse.note({ phase: "running", greatest: 0, messages: 5 }, 0)
    // The first states come faster than its steps.
    pulse.note({ phase: "running", greatest: 0, messages: 10 }, 0)
    assert.isUndefined(pulse.stalledFor(14_000))
    assert.strictEqual(pulse.stalledFor(16_000), 16_000)
    pulse.note({ phase: "running", greatest: 1, messages: 20 }, 20_000)
    // Its steps take 20 seconds.
    assert.isUndefined(pulse.stalledFor(75_000))
    assert.strictEqual(pulse.stalledFor(85_000), 65_000)
  })

  it("Pulse does not measure the first step of a game by the pace of the game before", () => {
    const pulse = new Pulse()
    pulse.restart(0)
    for (let step = 0; step < 10; step++) pulse.note({ phase: "running", greatest: step, messages: step }, step * 100)
    assert.strictEqual(pulse.stalledFor(7_000), 6_100)
    pulse.note({ phase: "connecting", greatest: -1, messages: 0 }, 8_000)
    pulse.note({ phase: "running", greatest: -1, messages: 0 }, 9_000)
    assert.isUndefined(pulse.stalledFor(16_000))
  })
})

describe("Universe", () => {
  it("Universe reads what servers are told", () => {
    assert.deepStrictEqual(parseUniverse("B3/S23:T32,32"), { rule: "B3/S23", edges: "T32,32" })
    assert.deepStrictEqual(parseUniverse("K8*,8"), { rule: undefined, edges: "K8*,8" })
    assert.deepStrictEqual(parseUniverse(""), { rule: undefined, edges: undefined })
    const joined = ["B3/S23:T32,32", "T32,32", "torus", ""].map((text) => isTorus(parseUniverse(text)))
    assert.deepStrictEqual(joined, [true, true, true, true])
    const others = ["B3/S23:P32,32", "K8*,8", "T32+1,32"].map((text) => isTorus(parseUniverse(text)))
    assert.deepStrictEqual(others, [false, false, false])
  })
})

describe("Tally", () => {
  it("the time of a game is known to a page that was there at its first step, and not to one that came later", () => {
    const of = (messages: number, least: number) => {
      const tally = new Tally()
      const note = (phase: "running" | "ended", time: number) =>
        tally.note({
          ...{ _tag: "Status", game: 1, connected: 4, subscribed: 4, watchers: 1, population: 1, latency: 0 },
          ...{ phase, messages, least, greatest: least, time, deliveries: 0, births: 0, deaths: 0 },
          ...{ broken: 0, memory: 0, memoryBefore: 0 }
        })
      note("running", 1_000)
      note("ended", 3_000)
      return tally.duration
    }
    assert.strictEqual(of(0, -1), 2_000)
    assert.strictEqual(of(4, 0), 2_000)
    assert.isUndefined(of(80, 19))
  })
})

describe("situationOf", () => {
  it("situationOf tells a game that was told to stop from one that came to its end", () => {
    const status = {
      _tag: "Status",
      phase: "ended",
      game: 1,
      connected: 0,
      subscribed: 0,
      watchers: 1,
      population: 0,
      latency: 0,
      messages: 0,
      deliveries: 0,
      births: 0,
      deaths: 0,
      time: 0,
      broken: 0,
      memory: 0,
      memoryBefore: 0,
      least: 7,
      greatest: 7
    } as const
    const evidence = {
      ...{ status, grid, topology: "torus" },
      ...{ control: undefined, isOver: false, stalledFor: undefined }
    }
    assert.strictEqual(situationOf({ ...evidence, steps: { min: 7, max: 7 } }).name, "finished")
    assert.strictEqual(situationOf({ ...evidence, steps: { min: 7, max: 9 } }).name, "stopped")
    assert.strictEqual(
      situationOf({ ...evidence, steps: { min: 7, max: 7 }, status: { ...status, broken: 1 } }).name,
      "killed"
    )
    // Between two games of `life`, or before its first client.
    const asked = { ...evidence, steps: { min: NO_STEP, max: NO_STEP }, status: { ...status, phase: "idle" } as const }
    assert.strictEqual(situationOf(asked).name, "starting")
    assert.strictEqual(situationOf({ ...asked, topology: "" }).name, "idle")
    // A run is paused while clients of it are away.
    const paused = { ...evidence, control: "paused", status: { ...status, phase: "running" } } as const
    const all = grid.width * grid.height
    const said = (connected: number) =>
      headline(situationOf({ ...paused, steps: { min: 7, max: 7 } }), { ...paused.status, connected }, grid)
    assert.strictEqual(said(all), `${all} WebSocket clients in lockstep`)
    assert.strictEqual(said(all - 5), `${all - 5} of ${all} clients connected`)
  })
})
