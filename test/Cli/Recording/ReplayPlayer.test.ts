/** Seeking in recordings, counted in states that are read. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { ControlChannel } from "../../../src/Cli/ControlChannel.ts"
import * as Output from "../../../src/Cli/Output.ts"
import { type BlockPosition, statesBetween } from "../../../src/Cli/Recording/Positions.ts"
import { Keyframes } from "../../../src/Cli/Recording/RecordHandler.ts"
import type { Recording } from "../../../src/Cli/Recording/RecordingFile.ts"
import * as RecordingFile from "../../../src/Cli/Recording/RecordingFile.ts"
import * as RecordingRange from "../../../src/Cli/Recording/RecordingRange.ts"
import { ReplayPlayer } from "../../../src/Cli/Recording/ReplayPlayer.ts"
import * as MemoryLogs from "../../../src/Log/MemoryLogs.ts"
import { gameBlock } from "../../../src/Protocol/Recording.ts"
import { RecordingWriter } from "../../../src/Protocol/RecordingWriter.ts"
import { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"
import { eventually } from "../../eventually.ts"

const SIDE = 128
const CELLS = SIDE * SIDE
const LAST = 200

/** The state of a cell depends on its step, so that a wrong one is found. */
const stateOf = (cell: number, step: number): number => ((cell * 7 + step * 3) % 5) & 1

/** A game in lockstep, as a server sends it while it runs: without keyframes. */
const blocks = (): ReadonlyArray<Uint8Array> => {
  const writer = new RecordingWriter(CELLS, 2)
  const all: Array<Uint8Array> = [gameBlock({ width: SIDE, height: SIDE, topology: "", begun: 0, stateCount: 2 })]
  for (let step = 0; step <= LAST; step++) {
    for (let cell = 0; cell < CELLS; cell++) writer.record(cell, step, stateOf(cell, step))
    all.push(writer.news(step * 10))
  }
  return all
}

const file = (parts: ReadonlyArray<Uint8Array>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* fs.makeTempFileScoped()
    yield* fs.writeFile(path, Buffer.concat(parts))
    return path
  })

/** How many states are read from a position until this step is whole, and how many of its states are wrong. */
const cost = ({ groups }: Recording, from: BlockPosition, wanted: number) => {
  let read = 0
  let found = 0
  let wrong = 0
  for (const group of groups(from)) {
    if (group === undefined) continue
    read += group.cells.length
    for (let at = 0; at < group.cells.length; at++) {
      if (group.steps[at] !== wanted) continue
      found++
      if (group.states[at] !== stateOf(group.cells[at]!, wanted)) wrong++
    }
    if (found === CELLS) break
  }
  return { read, found, wrong }
}

const reached = (assertion: () => void) => Effect.promise(() => eventually(assertion))

const environment = Layer.mergeAll(NodeContext.layer, Reactor.layer(), MemoryLogs.layer(), Output.Output.layer)

describe("positions of a recording", () => {
  it.scoped(
    "a recording without keyframes is read from its beginning once, and after that from the nearest position",
    () =>
      Effect.gen(function* () {
        const recording = yield* RecordingFile.load(yield* file(blocks()), Option.none())
        const { positions } = recording
        expect(positions.before(LAST).step).toBe(Number.NEGATIVE_INFINITY)
        expect([...recording.ends()].at(-1)).toEqual({ step: LAST, time: LAST * 10 })
        for (const wanted of [70, 130, LAST]) {
          const { found, read, wrong } = cost(recording, positions.before(wanted - 1), wanted)
          expect([found, wrong]).toEqual([CELLS, 0])
          expect(read).toBeLessThanOrEqual(statesBetween(recording.game) + 3 * CELLS)
        }
      }).pipe(Effect.provide(environment))
  )

  it.scoped("life record adds keyframes, with which a recording of any length is ready at once", () =>
    Effect.gen(function* () {
      const keyframes = new Keyframes()
      const parts = blocks().flatMap((part) => [part, keyframes.after(part) ?? new Uint8Array(0)])
      const recording = yield* RecordingFile.load(yield* file(parts), Option.none())
      const { positions } = recording
      const moments = [...recording.ends()]
      expect(moments.at(-1)).toEqual({ step: LAST, time: LAST * 10 })
      expect(moments.length).toBeLessThan(LAST / 2)
      for (const wanted of [70, 130, LAST]) {
        const { found, read, wrong } = cost(recording, positions.before(wanted - 1), wanted)
        expect([found, wrong]).toEqual([CELLS, 0])
        expect(read).toBeLessThanOrEqual(statesBetween(recording.game) + 3 * CELLS)
      }
      // From the beginning each state comes once, although the keyframes have it again.
      let all = 0
      for (const group of recording.groups()) all += group?.cells.length ?? 0
      expect(all).toBe(CELLS * (LAST + 1))
    }).pipe(Effect.provide(environment))
  )
})

/** A player of the recording: where it has begun to read, and the step that it has read last. */
const playable = Effect.gen(function* () {
  const path = yield* file(blocks())
  const range = yield* RecordingRange.open(path, { from: Option.none(), to: Option.none(), ca: Option.none() })
  const starts: Array<number> = []
  let step = -1
  const groups = function* (from?: BlockPosition) {
    starts.push(from?.step ?? Number.NaN)
    for (const group of range.groups(from)) {
      if (group !== undefined) step = group.steps[0]!
      yield group
    }
  }
  const control = new ControlChannel(1, () => {})
  const player = new ReplayPlayer({ ...range, groups }, Option.some(1000), control)
  const ask = (request: Parameters<typeof player.ask>[0]["request"]) =>
    player.ask({ request, refuse: (reason) => expect(reason).toBe("") })
  return { ask, control, player, range, starts, step: () => step }
})

describe("ReplayPlayer", () => {
  it.scopedLive("going back plays from the nearest position, and not from the beginning", () =>
    Effect.gen(function* () {
      const { ask, player, range, starts, step } = yield* playable
      yield* Effect.forkScoped(player.run())
      ask({ type: "loop", loops: false })
      yield* reached(() => expect(step()).toBe(LAST))
      ask({ type: "pause" })
      ask({ type: "seek", step: 150 })
      yield* reached(() => expect([starts.length, step() >= 150]).toEqual([2, true]))
      expect(starts[0]).toBe(Number.NEGATIVE_INFINITY)
      expect(starts[1]).toBeGreaterThan(150 - 24 - statesBetween(range.game) / CELLS - 2)
      expect(starts[1]).toBeLessThanOrEqual(150 - 24)
      // What lies between the present step and a later one is skipped too.
      ask({ type: "seek", step: 30 })
      yield* reached(() => expect([starts.length, step() >= 30]).toEqual([3, true]))
      ask({ type: "seek", step: LAST })
      yield* reached(() => expect([starts.length, step()]).toEqual([4, LAST]))
      expect(starts[3]).toBeGreaterThan(100)
    }).pipe(Effect.provide(environment))
  )

  it.scopedLive(
    "a recording that was paused stays paused when a page goes back from its end, and one that ran plays on",
    () =>
      Effect.gen(function* () {
        const { ask, control, player, starts, step } = yield* playable
        const isAt = (game: string, wanted: number) =>
          reached(() => expect([control.game, step()]).toEqual([game, wanted]))
        ask({ type: "pause" })
        yield* Effect.forkScoped(player.run())
        // A paused recording stays at its end, also one that begins again when it runs.
        ask({ type: "loop", loops: true })
        ask({ type: "seek", step: LAST })
        yield* isAt("ended", LAST)
        ask({ type: "seek", step: 150 })
        // It has read the next step, for which it waits.
        yield* isAt("paused", 151)
        ask({ type: "step" })
        yield* isAt("paused", 152)
        ask({ type: "loop", loops: false })
        ask({ type: "resume" })
        yield* isAt("ended", LAST)
        ask({ type: "seek", step: 150 })
        yield* reached(() => expect(starts.length).toBe(3))
        yield* isAt("ended", LAST)
        // Nothing is beyond the end, so nothing of the next round is skipped.
        ask({ type: "seek", step: LAST + 50 })
        ask({ type: "step" })
        ask({ type: "resume" })
        yield* reached(() => expect([starts.length, control.game]).toEqual([4, "running"]))
        expect(starts[3]).toBe(Number.NEGATIVE_INFINITY)
        ask({ type: "pause" })
        ask({ type: "seek", step: 30 })
        yield* isAt("paused", 31)
      }).pipe(Effect.provide(environment))
  )
})
