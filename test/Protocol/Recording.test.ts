import { describe, expect, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as RecordedFrames from "../../src/Life/Referee/RecordedFrames.ts"
import { gameBlock, kind, type RecordedStates, readGame } from "../../src/Protocol/Recording.ts"
import { BlockSplitter, RecordingDamage, RecordingReader } from "../../src/Protocol/RecordingReader.ts"
import { RecordingWriter } from "../../src/Protocol/RecordingWriter.ts"

const game = { width: 5, height: 4, topology: "B3/S23:T5,4", begun: 1_700_000_000_000, stateCount: 2 }

type State = readonly [index: number, step: number, state: number]

/** The states that a reader reports for these bytes. */
const reported = (bytes: ReadonlyArray<Uint8Array>) => {
  const splitter = new BlockSplitter()
  const blocks = bytes.flatMap((part) => splitter.take(part))
  const reader = RecordingReader.of(blocks[0]!)
  const groups: Array<{ readonly time: number; readonly states: ReadonlyArray<State> }> = []
  for (const block of blocks.slice(1)) {
    const states: Array<State> = []
    reader.read(block, {
      state: (...state) => states.push(state),
      time: (time) => groups.push({ time, states })
    })
  }
  return { game: reader.game, groups }
}

const inOrder = (states: ReadonlyArray<State>) => [...states].sort(([a], [b]) => a - b)

/** Groups in which each cell occurs once, with its next step or a later one. */
const groups = FastCheck.array(
  FastCheck.record({
    wait: FastCheck.nat(1_000_000),
    cells: FastCheck.uniqueArray(FastCheck.nat(19), { minLength: 1 }),
    skip: FastCheck.constantFrom(1, 1, 1, 2, 5),
    state: FastCheck.nat(254)
  }),
  { maxLength: 30 }
)

const stateCount = FastCheck.constantFrom(2, 2, 3, 4, 255)

describe("a recording", () => {
  it.prop("a recording is read as it was written, group by group", [groups, stateCount], ([written, stateCount]) => {
    const writer = new RecordingWriter(20, stateCount)
    const steps = new Array<number>(20).fill(-1)
    const bytes = [gameBlock({ ...game, stateCount })]
    let time = 0
    const expected = written.map(({ cells, skip, state: drawn, wait }) => {
      const state = drawn % stateCount
      time += wait
      const states = cells.map((index): State => {
        steps[index] = steps[index]! + skip
        expect(writer.record(index, steps[index]!, state)).toBe(true)
        return [index, steps[index]!, state]
      })
      bytes.push(writer.news(time))
      return { time, states: inOrder(states) }
    })
    expect(reported(bytes)).toEqual({ game: { ...game, stateCount }, groups: expected })
  })

  it.prop(
    "a recording can be read from any keyframe on, and split anywhere",
    [groups, FastCheck.integer({ min: 1, max: 50 }), stateCount],
    ([written, size, stateCount]) => {
      const writer = new RecordingWriter(20, stateCount)
      const newest = new Map<number, State>()
      written.forEach(({ cells, skip, state: drawn, wait }, group) => {
        const state = drawn % stateCount
        for (const index of cells) {
          const step = (newest.get(index)?.[1] ?? -1) + skip
          newest.set(index, [index, step, state])
          writer.record(index, step, state)
        }
        writer.news(group + wait)
      })
      const bytes = Buffer.concat([gameBlock({ ...game, stateCount }), writer.keyframe()])
      const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size)
      )
      const [first] = reported(parts).groups
      expect(first?.states).toEqual(inOrder([...newest.values()]))
    }
  )

  it.prop(
    "whole generations are read as other blocks are, whatever comes between them or again",
    [
      FastCheck.array(
        FastCheck.tuple(FastCheck.constantFrom("all", "all", "all", "keyframe", "some", "again"), FastCheck.nat(1e6)),
        { maxLength: 40 }
      )
    ],
    ([events]) => {
      const reader = new RecordingReader(game)
      const writer = new RecordingWriter(20, 2)
      const known = Array.from({ length: 20 }, () => ({ step: -1, state: 0 }))
      /** The blocks since the last keyframe, which a server may send again. */
      let sent: Array<Uint8Array> | undefined
      let generations = 0
      const read = (bytes: Uint8Array): ReadonlyArray<State> => {
        const states: Array<State> = []
        const columns = ({ cells, generation, steps, states: values }: RecordedStates) => {
          if (generation !== undefined) {
            generations++
            expect([...cells]).toEqual(known.map((_, index) => index))
            expect(new Set(steps)).toEqual(new Set([generation]))
          }
          for (const [at, cell] of cells.entries()) states.push([cell, steps[at]!, values[at]!])
        }
        for (const block of new BlockSplitter().take(bytes)) reader.read(block, { columns })
        return states
      }
      for (const [kind, seed] of events) {
        if (kind === "again") {
          for (const bytes of sent ?? []) expect(read(bytes)).toEqual([])
        } else if (kind === "keyframe") {
          sent = [writer.keyframe()]
          expect(read(sent[0]!)).toEqual([])
        } else {
          const changed = known.flatMap((_, index) => (kind === "all" || (seed >> index) % 2 === 1 ? [index] : []))
          const expected = changed.map((index): State => {
            const cell = { step: known[index]!.step + 1, state: Math.imul(seed + index, 0x9e3779b1) >>> 31 }
            known[index] = cell
            writer.record(index, cell.step, cell.state)
            return [index, cell.step, cell.state]
          })
          const bytes = writer.news(0)
          sent?.push(bytes)
          expect(read(bytes)).toEqual(expected)
        }
        expect(known.map((_, index) => ({ step: reader.stepOf(index), state: reader.stateOf(index) }))).toEqual(known)
      }
      // The second of two whole blocks in a row is one.
      const [first, second] = events.map(([kind]) => kind)
      if (first === "all" && second === "all") expect(generations).toBeGreaterThan(0)
    }
  )

  it("a recording with two states has version 1; with more it has version 2, which older readers refuse", () => {
    const text = (stateCount: number) => Buffer.from(gameBlock({ ...game, stateCount }).subarray(5)).toString()
    expect(text(2)).toBe(
      '{"format":"effect-c10k recording","version":1,"width":5,"height":4,"topology":"B3/S23:T5,4","begun":1700000000000}'
    )
    expect(JSON.parse(text(3))).toMatchObject({ version: 2, states: 3 })
    const writer = new RecordingWriter(20, 2)
    writer.record(0, 0, 1)
    writer.record(3, 7, 1)
    expect([...writer.news(1)]).toEqual([kind.news, 5, 0, 0, 0, 1, 2, 1, 11, 8])
  })

  it("a recording does not record a state twice, or an older one", () => {
    const writer = new RecordingWriter(20, 2)
    expect(writer.record(3, 7, 1)).toBe(true)
    expect(writer.isPending(3)).toBe(true)
    expect(writer.record(3, 7, 1)).toBe(false)
    writer.news(0)
    expect(writer.isPending(3)).toBe(false)
    expect(writer.record(3, 6, 0)).toBe(false)
    expect(writer.hasNews).toBe(false)
  })

  it("a large block is read in pieces, with every state once", () => {
    const large = { ...game, width: 400, height: 400 }
    const cells = large.width * large.height
    const writer = new RecordingWriter(cells, 2)
    for (let index = 0; index < cells; index++) writer.record(index, 0, index % 2)
    for (const bytes of [writer.news(0), writer.keyframe()]) {
      const reader = RecordingReader.of(new BlockSplitter().take(gameBlock(large))[0]!)
      const [block] = new BlockSplitter().take(bytes)
      let count = 0
      let isRight = true
      const state = (index: number, _: number, state: number) => {
        if (index !== count++ || state !== index % 2) isRight = false
      }
      const seen = Array.from(reader.pieces(block!, { state }), () => count)
      expect(seen.length).toBe(2)
      expect(Math.max(...seen)).toBeLessThan(cells)
      expect([count, isRight]).toEqual([cells, true])
    }
  })

  it("a large keyframe gives others their turn as often if all of its states are known", () => {
    const large = { ...game, width: 400, height: 400, stateCount: 3 }
    const writer = new RecordingWriter(large.width * large.height, 3)
    for (let index = 0; index < large.width * large.height; index++) writer.record(index, 0, index % 2)
    const reader = RecordingReader.of(new BlockSplitter().take(gameBlock(large))[0]!)
    const [block] = new BlockSplitter().take(writer.keyframe())
    let count = 0
    const turns = () => Array.from(reader.pieces(block!, { state: () => count++ })).length
    expect([turns(), turns(), count]).toEqual([2, 2, large.width * large.height])
  })

  it("a recording takes memory for the cells that it has states of, not for the grid that it claims", () => {
    const huge = { ...game, width: 16_384, height: 16_384 }
    const cells = huge.width * huge.height
    const writer = new RecordingWriter(1, 2)
    writer.record(0, 0, 1)
    const bytes = Buffer.concat([gameBlock(huge), writer.news(0)])
    const before = process.memoryUsage().arrayBuffers
    const read = reported([bytes])
    const columns = { cells: Uint32Array.of(0), steps: Int32Array.of(0), states: Uint8Array.of(1) }
    const first = RecordedFrames.firstStep(cells, [columns])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20)
    expect(read.groups).toEqual([{ time: 0, states: [[0, 0, 1]] }])
    expect(first).toBeUndefined()
  })

  it("a recording is refused when it is damaged, with the reason", () => {
    expect(() => RecordingReader.of({ kind: kind.game, body: Buffer.from("<html>") })).toThrow("does not begin")
    expect(() => RecordingReader.of({ kind: 60, body: Buffer.from("<html>") })).toThrow("does not begin")
    expect(readGame(Buffer.from('{"format":"effect-c10k recording","version":9}'))).toContain("version 9")
    expect(readGame(Buffer.from('{"format":"effect-c10k recording","version":1,"width":0}'))).toContain("size")
    const game3 = '{"format":"effect-c10k recording","version":2,"width":3,"height":3,"topology":"","states":256}'
    expect(readGame(Buffer.from(game3))).toContain("256 states")
    const reader = new RecordingReader(game)
    const read =
      (...body: ReadonlyArray<number>) =>
      () =>
        reader.read({ kind: kind.news, body: Uint8Array.from(body) }, { state: () => {} })
    expect(read(0, 3, 1)).toThrow(RecordingDamage)
    expect(read(0, 1, 128)).toThrow("too short for its contents")
    expect(read(0, 1, 21 * 4 + 1)).toThrow(/cell outside of its grid|too short for its contents/)
    expect(() => new BlockSplitter().take(Uint8Array.from([3, 255, 255, 255, 255]))).toThrow("impossible length")
  })
})
