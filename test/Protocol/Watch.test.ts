import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { concat } from "../../src/Protocol/Bytes.ts"
import { gapBytes, RisingOrder, readGaps, writeGaps } from "../../src/Protocol/CellGaps.ts"
import { decode } from "../../src/Protocol/WatchDecoder.ts"
import { encodeBits, encodeCells, encodeGame, encodeServer, encodeStatus } from "../../src/Protocol/WatchEncoder.ts"
import { FIRST_STATUS_BYTES, MAX_AGE, NO_STEP, phases, UNKNOWN } from "../../src/Protocol/WatchProtocol.ts"
import { formatRequest, intervals, parseRequest } from "../../src/Protocol/WatchRequest.ts"

const u32 = FastCheck.integer({ min: 0, max: 2 ** 32 - 1 })
const total = FastCheck.double({ noNaN: true, min: 0, max: 2 ** 53 })

const game = FastCheck.record({
  game: u32,
  width: u32,
  height: u32,
  topology: FastCheck.string(),
  stateCount: FastCheck.integer({ min: 2, max: 255 })
})

const status = FastCheck.record({
  phase: FastCheck.constantFrom(...phases),
  game: u32,
  connected: u32,
  subscribed: u32,
  watchers: u32,
  population: u32,
  latency: FastCheck.constantFrom(Number.NaN, 0, 0.25, 1.5, 1e6),
  messages: total,
  deliveries: total,
  births: total,
  deaths: total,
  time: total,
  memory: u32.map((kibibytes) => kibibytes * 1024),
  memoryBefore: u32.map((kibibytes) => kibibytes * 1024),
  least: FastCheck.integer({ min: -1, max: 2 ** 31 - 2 }),
  greatest: FastCheck.integer({ min: -1, max: 2 ** 31 - 2 }),
  broken: u32
})

/** A grid of up to 40 cells. The spread of their steps needs one, two or four bytes for a value. */
const grid = FastCheck.constantFrom(3, 63, 64, 85, 86, 0x7e, 0x7f, 0x7ffe, 0x7fff, 2 ** 31 - 2).chain((spread) =>
  FastCheck.record({
    base: FastCheck.integer({ min: 0, max: 2 ** 31 - 2 - spread }),
    cells: FastCheck.array(
      FastCheck.record({
        ahead: FastCheck.oneof(FastCheck.constant(0), FastCheck.constant(spread), FastCheck.nat(spread)),
        state: FastCheck.nat(254),
        age: FastCheck.nat(400),
        isKnown: FastCheck.boolean(),
        isListed: FastCheck.boolean()
      }),
      { maxLength: 40 }
    )
  })
)

/** What an older server does not say. */
const unsaid = { broken: 0, memory: 0, memoryBefore: 0, least: -1, greatest: -1 }

describe("Watch protocol", () => {
  it.prop("games are decoded as they were encoded", [game], ([value]) => {
    assert.deepStrictEqual(decode(encodeGame(value)), [{ _tag: "Game", ...value }])
  })

  it.prop("figures are decoded as they were encoded", [status], ([value]) => {
    assert.deepStrictEqual(decode(encodeStatus(value)), [{ _tag: "Status", ...value }])
  })

  it.prop("the shorter figures of an older server are decoded", [status], ([value]) => {
    const message = encodeStatus(value).slice(0, 8 + FIRST_STATUS_BYTES)
    new DataView(message.buffer).setUint32(4, FIRST_STATUS_BYTES, true)
    assert.deepStrictEqual(decode(message), [{ _tag: "Status", ...value, ...unsaid }])
  })

  it("bitmaps are decoded as they were encoded, and refused if their length does not divide, or if there are more than eight", () => {
    const bitmaps = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6, 7, 128)]
    const message = encodeBits({ base: 7, bitmaps })
    assert.deepStrictEqual(decode(message), [{ _tag: "Bits", base: 7, bitmaps }])
    const nine = Array.from({ length: 9 }, () => Uint8Array.of(1, 2, 3, 4))
    assert.lengthOf(decode(encodeBits({ base: 7, bitmaps: nine.slice(1) })) ?? [], 1)
    assert.isUndefined(decode(encodeBits({ base: 7, bitmaps: nine })))
    for (const count of [0, 3, 9, 2 ** 32 - 1]) {
      new DataView(message.buffer).setUint32(12, count, true)
      assert.isUndefined(decode(message))
    }
  })

  it.prop("the server's id is decoded as it was encoded", [u32], ([server]) => {
    assert.deepStrictEqual(decode(encodeServer(server)), [{ _tag: "Server", server }])
  })

  const anyList = FastCheck.constantFrom("numbers" as const, "gaps" as const)
  const anyCount = FastCheck.constantFrom(2, 3, 4, 255)
  it.prop(
    "cells are decoded as they were encoded",
    [grid, anyCount, anyList],
    ([{ base, cells }, stateCount, list]) => {
      // Values have at most four bytes, because the cells of a grid are never further apart.
      const most = Math.floor(2 ** 32 / stateCount) - 2
      const steps = Int32Array.from(cells, (cell) => (cell.isKnown ? base + Math.min(cell.ahead, most) : NO_STEP))
      const states = Uint8Array.from(cells, (cell) => (cell.isKnown ? cell.state % stateCount : UNKNOWN))
      const since = Int32Array.from(cells, (cell, index) => steps[index]! - cell.age)
      const indices = Uint32Array.from(cells.flatMap((cell, index) => (cell.isListed ? [index] : [])))
      const expected = [...indices].filter((index) => cells[index]!.isKnown)
      const message = encodeCells({ steps, states, since, stateCount }, indices, indices.length, list)
      if (message === undefined) return assert.deepStrictEqual(expected, [])
      const [block] = decode(message) ?? []
      assert(block?._tag === "Cells")
      const seen = [...block.values].flatMap((value, k) => {
        if (value === 0) return []
        const index = block.indices?.[k] ?? k
        return [[index, block.base + Math.floor((value - 1) / stateCount), (value - 1) % stateCount, block.ages[k]]]
      })
      assert.deepStrictEqual(
        seen,
        expected.map((index) => [index, steps[index], states[index], Math.min(MAX_AGE, cells[index]!.age)])
      )
    }
  )

  it("Watch protocol lists the cells if they are few, and spans the grid if they are many", () => {
    const cells = {
      steps: new Int32Array(1000),
      states: new Uint8Array(1000),
      since: new Int32Array(1000),
      stateCount: 2
    }
    const indices = Uint32Array.from({ length: 1000 }, (_, index) => index)
    assert.strictEqual(encodeCells(cells, indices, 10)?.length, 8 + 8 + 10 * 6 + 0)
    assert.strictEqual(encodeCells(cells, indices, 1000)?.length, 8 + 8 + 1000 * 2)
    // Gaps take half the bytes, so listing pays for more cells.
    assert.strictEqual(encodeCells(cells, indices, 10, "gaps")?.length, 8 + 8 + 10 * 3 + 2)
    assert.strictEqual(encodeCells(cells, indices, 500, "gaps")?.length, 8 + 8 + 500 * 3)
    assert.strictEqual(encodeCells(cells, indices, 1000, "gaps")?.length, 8 + 8 + 1000 * 2)
  })

  const numbers = FastCheck.uniqueArray(
    FastCheck.oneof(
      u32,
      FastCheck.nat(300),
      FastCheck.nat(20_000),
      FastCheck.integer({ min: 2 ** 32 - 9, max: 2 ** 32 - 1 })
    )
  )

  it.prop(
    "gaps between cells are decoded as they were encoded, in the computed number of bytes",
    [numbers],
    ([values]) => {
      const rising = Uint32Array.from(values).sort()
      const bytes = new Uint8Array(gapBytes(rising, rising.length))
      writeGaps(rising, rising.length, bytes)
      assert.deepStrictEqual(readGaps(bytes, rising.length), rising)
      // Too few bytes, and too many.
      assert.isUndefined(readGaps(bytes, rising.length + 1))
      assert.isUndefined(readGaps(Uint8Array.from([...bytes, 0]), rising.length))
    }
  )

  it.prop(
    "any bytes are either read as gaps or refused",
    [FastCheck.uint8Array({ maxLength: 40 }), FastCheck.nat(9)],
    ([bytes, count]) => {
      const read = readGaps(bytes, count) ?? new Uint32Array(0)
      for (let k = 1; k < read.length; k++) assert.isAbove(read[k]!, read[k - 1]!)
    }
  )

  it.prop("numbers of cells are sorted", [FastCheck.uniqueArray(FastCheck.nat(999))], ([values]) => {
    const order = new RisingOrder()
    const limit = Math.max(0, ...values) + 1
    // Twice, to see that nothing is left from the first time.
    for (let time = 0; time < 2; time++) {
      const cells = Uint32Array.from([...values, 7])
      order.apply(cells, values.length, limit)
      assert.deepStrictEqual([...cells], [...Uint32Array.from(values).sort(), 7])
    }
  })

  it.prop("several blocks make one message, at any offset in memory", [game, status, FastCheck.nat(9)], (values) => {
    const message = concat([encodeGame(values[0]), encodeStatus(values[1])])
    const shifted = new Uint8Array(message.length + values[2]).subarray(values[2])
    shifted.set(message)
    assert.deepStrictEqual(
      decode(shifted)?.map((block) => block._tag),
      ["Game", "Status"]
    )
  })

  it.prop("garbage never makes it throw", [FastCheck.uint8Array({ maxLength: 80 })], ([bytes]) => {
    decode(bytes)
  })

  it.prop(
    "a damaged message never makes it throw",
    [game, FastCheck.nat(), FastCheck.nat(255)],
    ([value, at, byte]) => {
      const message = concat([encodeGame(value), encodeGame(value)])
      message[at % message.length] = byte
      decode(message)
      assert.strictEqual(decode(encodeGame(value).subarray(0, 11)), undefined)
    }
  )

  it("blocks of an unknown kind are skipped", () => {
    const later = Uint8Array.of(99, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4)
    const known = encodeGame({ game: 1, width: 2, height: 3, topology: "", stateCount: 2 })
    assert.strictEqual(decode(concat([later, known]))?.length, 1)
  })

  it("requests are parsed as they were formatted, and rounded up to a pace that the server supports", () => {
    for (const interval of intervals) {
      const request = { _tag: "Pace", interval } as const
      assert.deepStrictEqual(parseRequest(formatRequest(request)), request)
    }
    assert.deepStrictEqual(parseRequest("pause"), { _tag: "Pause" })
    assert.deepStrictEqual(parseRequest("resume"), { _tag: "Resume" })
    for (const request of [{ _tag: "Whole" }, { _tag: "Newest" }, { _tag: "Figures" }] as const)
      assert.deepStrictEqual(parseRequest(formatRequest(request)), request)
    assert.deepStrictEqual(parseRequest("pace 60"), { _tag: "Pace", interval: 100 })
    assert.deepStrictEqual(parseRequest("pace 999999"), { _tag: "Pace", interval: 5000 })
    for (const text of ["", "pace", "pace -1", "pace 1.5", "pace 1e9", "stop"])
      assert.strictEqual(parseRequest(text), undefined)
  })
})
