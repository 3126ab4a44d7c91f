import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { type Agreement, PerMessageDeflate, type Side } from "../../../src/WebSocket/Frames/PerMessageDeflate.ts"
import { prepare } from "../../../src/WebSocket/Frames/Prepare.ts"

const fresh: Side = { contextTakeover: false, windowBits: 15 }
const keeping: Side = { contextTakeover: true, windowBits: 15 }
const both = (side: Side): Agreement => ({ own: side, peer: side })
const always = { threshold: 0 }

const text = (length: number) => Array.from({ length }, (_, i) => `{"cell": ${i % 97}, "state": ${i % 2}}`).join(",")

/** The messages that one side receives when the other sends these. */
const passed = (side: Side, messages: ReadonlyArray<string>) => {
  const from = new PerMessageDeflate(both(side), always)
  const to = new PerMessageDeflate(both(side), always)
  return messages.map((message) => {
    const payload = from.deflate(message)
    if (payload === undefined) return { message, size: Buffer.byteLength(message) }
    return { message: to.inflate(payload, 1 << 24).toString(), size: payload.length }
  })
}

describe("PerMessageDeflate", () => {
  for (const windowBits of [9, 11, 15])
    for (const contextTakeover of [false, true])
      it(`PerMessageDeflate with a window of 2^${windowBits} bytes${contextTakeover ? " and context" : ""} gives what was sent`, () => {
        FastCheck.assert(
          FastCheck.property(
            FastCheck.array(
              FastCheck.tuple(FastCheck.string({ maxLength: 40 }), FastCheck.integer({ min: 1, max: 900 })),
              {
                maxLength: 12
              }
            ),
            (parts) => {
              const messages = parts.map(([word, times]) => word.repeat(times))
              const said = passed({ contextTakeover, windowBits }, messages)
              assert.deepStrictEqual(
                said.map(({ message }) => message),
                messages.map((message) => Buffer.from(message).toString())
              )
            }
          ),
          { numRuns: 50 }
        )
      })

  it("PerMessageDeflate keeps the agreed context from one message to the next, and nothing else", () => {
    const messages = [text(50), text(50)]
    const [first, second] = passed(keeping, messages)
    assert.isBelow(second!.size, first!.size / 4)
    const [alone, again] = passed(fresh, messages)
    assert.strictEqual(again!.size, alone!.size)
  })

  it("PerMessageDeflate does not compress short messages, or messages that do not get smaller", () => {
    const deflate = new PerMessageDeflate(both(fresh))
    assert.isUndefined(deflate.deflate("a".repeat(1023)))
    assert.isDefined(deflate.deflate("a".repeat(1024)))
    const noise = Buffer.from(Array.from({ length: 4096 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 0xff))
    assert.isUndefined(new PerMessageDeflate(both(fresh), always).deflate(noise.subarray(0, 16)))
  })

  it("PerMessageDeflate compresses a message for many connections once", () => {
    const deflate = new PerMessageDeflate(both(fresh))
    const long = prepare(text(100))
    assert.notStrictEqual(deflate.frameOf(long), long.frame)
    assert.isBelow(deflate.frameOf(long).length, long.frame.length / 4)
    assert.isTrue(Object.is(deflate.frameOf(long), deflate.frameOf(long)))
    const short = prepare("short")
    assert.strictEqual(deflate.frameOf(short), short.frame)
  })

  it("PerMessageDeflate inflates to no more than the message limit, and by default takes whatever the other side compresses", () => {
    const bomb = new PerMessageDeflate(both(fresh)).deflate("a".repeat(1 << 20))!
    const deflate = new PerMessageDeflate(both(fresh))
    assert.lengthOf(deflate.inflate(bomb, 1 << 20).toString(), 1 << 20)
    assert.deepStrictEqual(deflate.inflate(bomb, 1 << 16), {
      code: 1009,
      reason: "a message may have at most 65536 bytes"
    })
  })

  it("PerMessageDeflate inflates to no more than the allowed ratio, if there is one, beyond the first 64 KiB", () => {
    const bomb = new PerMessageDeflate(both(fresh)).deflate("a".repeat(1 << 20))!
    const strict = new PerMessageDeflate(both(fresh), { maxRatio: 250 })
    assert.deepStrictEqual(strict.inflate(bomb, 1 << 24), {
      code: 1009,
      reason: "a message may inflate to at most 250 times its size"
    })
    const small = new PerMessageDeflate(both(fresh)).deflate("a".repeat(60_000))!
    assert.lengthOf(strict.inflate(small, 1 << 20).toString(), 60_000)
  })

  it("PerMessageDeflate reports invalid data, and accepts an empty message and one with a final block", () => {
    const deflate = new PerMessageDeflate(both(fresh))
    assert.deepStrictEqual(deflate.inflate(Buffer.of(0xff, 0xff, 0xff), 100), {
      code: 1007,
      reason: "the compressed data is invalid"
    })
    assert.strictEqual(deflate.inflate(Buffer.of(0), 100).toString(), "")
    assert.strictEqual(deflate.inflate(Buffer.of(), 100).toString(), "")
    // RFC 7692, section 7.2.3: examples.
    for (const hex of ["f248cdc9c90700", "000500faff48656c6c6f00", "f348cdc9c9070000", "f248050000 00ffffcac9c90700"])
      assert.strictEqual(deflate.inflate(Buffer.from(hex.replaceAll(" ", ""), "hex"), 100).toString(), "Hello")
  })
})
