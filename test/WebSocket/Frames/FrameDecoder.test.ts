import { constants } from "node:buffer"
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { type DecoderOptions, FrameDecoder } from "../../../src/WebSocket/Frames/FrameDecoder.ts"
import type { Message } from "../../../src/WebSocket/Frames/Message.ts"
import { closeFrame, cut, encode, type TestFrame } from "./frames.ts"
import { chunkSizes, key, message } from "./messageArbitraries.ts"

/** The results of a decoder, in order: kind and content. */
type Reported = readonly [kind: string, ...content: ReadonlyArray<string | number>]

const shown = (message: Message): Reported =>
  typeof message === "string" ? ["text", message] : ["binary", Buffer.from(message).toString("latin1")]

const decode = (chunks: ReadonlyArray<Buffer>, options: Partial<DecoderOptions> = {}): ReadonlyArray<Reported> => {
  const reported: Array<Reported> = []
  let retained = 0
  const decoder = new FrameDecoder(
    { masked: true, maxPayload: 1 << 20, maxFragments: 1000, ...options },
    {
      onMessage: (message) => reported.push(shown(message)),
      onAscii: (bytes, start, end) => reported.push(["text", bytes.toString("latin1", start, end)]),
      onFragment: () => {},
      onPing: (payload) => reported.push(["ping", Buffer.from(payload).toString("latin1")]),
      onPong: (payload) => reported.push(["pong", Buffer.from(payload).toString("latin1")]),
      onCloseFrame: (code, reason) => reported.push(["close", code, reason]),
      onViolation: (code, reason) => reported.push(["violation", code, reason]),
      onRetained: (bytes) => {
        retained += bytes
      }
    }
  )
  for (const chunk of chunks) decoder.push(Buffer.from(chunk))
  decoder.end()
  assert.strictEqual(retained, 0)
  return reported
}

const control = FastCheck.record({
  fin: FastCheck.constant(true),
  opcode: FastCheck.constantFrom(9, 10),
  payload: FastCheck.uint8Array({ maxLength: 125 }).map((bytes) => Buffer.from(bytes))
})

const reportedOf = ({ opcode, payload }: TestFrame): Reported => [
  opcode === 9 ? "ping" : "pong",
  payload.toString("latin1")
]

/**
 * The frames of a message in fragments, with control frames between them, and the results that a decoder must report.
 */
const conversation = FastCheck.array(
  FastCheck.record({
    message,
    sizes: FastCheck.array(FastCheck.integer({ min: 0, max: 90 }), { maxLength: 6 }),
    between: FastCheck.array(control, { maxLength: 3 })
  }),
  { maxLength: 5 }
).map((messages) => {
  const frames: Array<TestFrame> = []
  const reported: Array<Reported> = []
  for (const { message, sizes, between } of messages) {
    const payload = Buffer.from(typeof message === "string" ? Buffer.from(message) : message)
    let at = 0
    for (const [index, size] of sizes.entries()) {
      const opcode = index > 0 ? 0 : typeof message === "string" ? 1 : 2
      frames.push({ fin: false, opcode, payload: payload.subarray(at, at + size) })
      at += size
      const interjected = between[index]
      if (interjected === undefined) continue
      frames.push(interjected)
      reported.push(reportedOf(interjected))
    }
    const opcode = sizes.length > 0 ? 0 : typeof message === "string" ? 1 : 2
    frames.push({ fin: true, opcode, payload: payload.subarray(at) })
    reported.push(shown(message))
  }
  return { frames, reported }
})

const bytesOf = (frames: ReadonlyArray<TestFrame>, key?: Buffer): Buffer =>
  Buffer.concat(frames.map((frame) => encode({ ...frame, key })))

describe("the memory that a decoder holds for a large frame", () => {
  const size = 1 << 20
  const frame = encode({ fin: true, opcode: 2, payload: Buffer.alloc(size), key: Buffer.alloc(4) })
  const quiet = () => {}
  let retained = 0
  const fed = (bytes: number): FrameDecoder => {
    retained = 0
    const decoder = new FrameDecoder(
      { masked: true, maxPayload: size, maxFragments: 1 },
      {
        onMessage: quiet,
        onAscii: quiet,
        onFragment: quiet,
        onPing: quiet,
        onPong: quiet,
        onCloseFrame: quiet,
        onViolation: quiet,
        onRetained: (change) => {
          retained += change
        }
      }
    )
    for (let at = 0; at < bytes; at += 1024) decoder.push(Buffer.from(frame.subarray(at, Math.min(at + 1024, bytes))))
    return decoder
  }
  const retainedOf = (bytes: number): number => {
    fed(bytes)
    return retained
  }

  it("the memory that a decoder holds for a large frame is at most 16 times the bytes that came, and one buffer for all of it from a sixteenth on", () => {
    assert.isAtMost(retainedOf(1024), 16 * 1024)
    assert.isAtMost(retainedOf(10 * 1024), 160 * 1024)
    assert.strictEqual(retainedOf(frame.length / 8), frame.length)
    assert.strictEqual(retainedOf(frame.length - 1), frame.length)
    assert.strictEqual(retainedOf(frame.length), 0)
  })

  it("the memory that a decoder holds for a large frame is freed as soon as nothing more is decoded, before a garbage collection", () => {
    const decoder = fed(frame.length / 2)
    const before = process.memoryUsage().arrayBuffers
    decoder.end()
    assert.strictEqual(retained, 0)
    assert.isAtMost(process.memoryUsage().arrayBuffers, before - size)
  })

  it("the memory that a decoder holds for a large frame is reported, with the number of missing bytes", () => {
    assert.strictEqual(fed(0).missing, 0)
    assert.strictEqual(fed(1024).missing, frame.length - 1024)
    assert.strictEqual(fed(frame.length).missing, 0)
  })
})

describe("FrameDecoder", () => {
  it.prop(
    "FrameDecoder reports the same messages however they are masked, fragmented and cut, with control frames between",
    [conversation, chunkSizes, FastCheck.option(key, { nil: undefined })],
    ([{ frames, reported }, sizes, key]) => {
      const options = { masked: key !== undefined }
      assert.deepStrictEqual(decode(cut(bytesOf(frames, key), sizes), options), reported)
    }
  )

  const garbage = FastCheck.oneof(
    FastCheck.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    // A valid conversation in which one byte is changed.
    FastCheck.tuple(conversation, key, FastCheck.nat(), FastCheck.integer({ min: 1, max: 255 })).map(
      ([{ frames }, key, at, flip]) => {
        const bytes = bytesOf(frames, key)
        if (bytes.length > 0) bytes[at % Math.min(64, bytes.length)]! ^= flip
        return bytes
      }
    )
  )

  it.prop(
    "garbage never makes it throw, ends it at most once, and has the same results however it is cut",
    [garbage, chunkSizes, FastCheck.boolean()],
    ([bytes, sizes, masked]) => {
      const whole = decode([bytes], { masked })
      assert.deepStrictEqual(decode(cut(bytes, sizes), { masked }), whole)
      const ends = whole.filter(([kind]) => kind === "violation" || kind === "close")
      assert.isAtMost(ends.length, 1)
      if (ends.length === 1) assert.strictEqual(whole.at(-1), ends[0])
    },
    { fastCheck: { numRuns: 300 } }
  )

  const four = Buffer.of(1, 2, 3, 4)
  const frame = (opcode: number, payload: string | Buffer = "", changes: Partial<TestFrame> = {}) =>
    encode({ fin: true, opcode, payload: Buffer.from(payload), key: four, ...changes })
  const part = (opcode: number, payload: string | Buffer = "") => frame(opcode, payload, { fin: false })

  const violations: ReadonlyArray<readonly [name: string, code: number, bytes: ReadonlyArray<Buffer>]> = [
    ["a frame without a mask", 1002, [frame(1, "a", { key: undefined })]],
    ["the first reserved bit", 1002, [frame(1, "a", { reserved: 4 })]],
    ["the second reserved bit", 1002, [frame(2, "a", { reserved: 2 })]],
    ["the third reserved bit on a control frame", 1002, [frame(9, "", { reserved: 1 })]],
    ["an unknown data opcode", 1002, [frame(3, "a")]],
    ["the last unknown data opcode", 1002, [frame(7, "a")]],
    ["an unknown control opcode", 1002, [frame(11)]],
    ["the last unknown control opcode", 1002, [frame(15)]],
    ["a fragmented ping", 1002, [part(9)]],
    ["a fragmented close", 1002, [part(8)]],
    ["a ping of 126 bytes", 1002, [frame(9, Buffer.alloc(126))]],
    ["a close frame of 126 bytes", 1002, [frame(8, Buffer.alloc(126))]],
    ["a continuation without a message", 1002, [frame(0, "a")]],
    ["a continuation after a whole message", 1002, [frame(1, "a"), frame(0, "b")]],
    ["a message inside another", 1002, [part(1, "a"), frame(1, "b")]],
    ["text that is not UTF-8", 1007, [frame(1, Buffer.of(0xc3, 0x28))]],
    ["text that ends within a character", 1007, [part(1, "ok"), frame(0, Buffer.of(0xe2, 0x82))]],
    ["a surrogate in text", 1007, [frame(1, Buffer.of(0xed, 0xa0, 0x80))]],
    ["a code of one byte", 1002, [frame(8, Buffer.of(3))]],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535].map(
      (code) => [`close code ${code}`, 1002, [encode(closeFrame(code, "", four))]] as const
    ),
    ["a reason that is not UTF-8", 1007, [frame(8, Buffer.of(3, 232, 0xff))]]
  ]

  for (const [name, code, bytes] of violations)
    it(`FrameDecoder answers ${name} with ${code}`, () => {
      const reported = decode([...bytes, frame(1, "after")])
      assert.deepStrictEqual(reported.at(-1)?.slice(0, 2), ["violation", code])
      assert.strictEqual(reported.filter(([kind]) => kind === "violation").length, 1)
    })

  it("FrameDecoder refuses masked frames from a server", () => {
    assert.deepStrictEqual(decode([frame(1, "a")], { masked: false })[0]?.slice(0, 2), ["violation", 1002])
  })

  for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])
    it(`FrameDecoder reports close code ${code} with its reason, and nothing after it`, () => {
      const bytes = [encode(closeFrame(code, "bye ☃", four)), frame(1, "after")]
      assert.deepStrictEqual(decode(bytes), [["close", code, "bye ☃"]])
    })

  it("FrameDecoder reports a close frame without a code as 1005", () => {
    assert.deepStrictEqual(decode([frame(8)]), [["close", 1005, ""]])
  })

  it("FrameDecoder joins a character whose bytes come in several fragments", () => {
    const snowman = Buffer.from("☃")
    const frames = [part(1, snowman.subarray(0, 1)), frame(9, "now"), part(0, snowman.subarray(1, 2))]
    assert.deepStrictEqual(decode([...frames, frame(0, snowman.subarray(2))]), [
      ["ping", "now"],
      ["text", "☃"]
    ])
  })

  describe("limits", () => {
    const limit = { maxPayload: 200, maxFragments: 3 }

    it("limits accepts a message of exactly the limit, whole and in fragments", () => {
      assert.lengthOf(decode([frame(2, Buffer.alloc(200))], limit), 1)
      const reported = decode([part(1, Buffer.alloc(126)), part(0, ""), frame(0, Buffer.alloc(74))], limit)
      assert.deepStrictEqual(reported, [["text", "\0".repeat(200)]])
    })

    it("limits refuses a larger one by its header, before its payload comes", () => {
      const header = frame(2, Buffer.alloc(201)).subarray(0, 4)
      assert.deepStrictEqual(decode([header], limit)[0]?.slice(0, 2), ["violation", 1009])
      const huge = Buffer.of(0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
      assert.deepStrictEqual(decode([huge], limit)[0]?.slice(0, 2), ["violation", 1009])
    })

    it("limits refuses a text that is longer than a string can be, by its header", () => {
      const longest = constants.MAX_STRING_LENGTH
      const header = (opcode: number, length: number) => {
        const bytes = Buffer.from([opcode, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 9, 8, 7, 6])
        bytes.writeBigUInt64BE(BigInt(length), 2)
        return bytes
      }
      const roomy = { ...limit, maxPayload: 2 * longest }
      const tooLong: ReadonlyArray<Reported> = [["violation", 1009, `a message may have at most ${longest} bytes`]]
      assert.deepStrictEqual(decode([header(0x81, longest + 1)], roomy), tooLong)
      assert.deepStrictEqual(decode([part(1, "x"), header(0x80, longest)], roomy), tooLong)
      assert.deepStrictEqual(decode([header(0x81, longest)], roomy), [])
      assert.deepStrictEqual(decode([header(0x82, longest + 1)], roomy), [])
    })

    it("limits inflates a text to no more than a string can be", () => {
      const asked: Array<number> = []
      const compression = {
        inflate: (payload: Uint8Array, most: number) => {
          asked.push(most)
          return Buffer.from(payload)
        }
      }
      const longest = constants.MAX_STRING_LENGTH
      const compressed = (opcode: number) => {
        const bytes = frame(opcode, "x")
        bytes[0]! |= 0x40
        return bytes
      }
      decode([compressed(1), compressed(2)], { maxPayload: 2 * longest, compression })
      assert.deepStrictEqual(asked, [longest, 2 * longest])
    })

    it("limits refuses the fragment with which a message becomes too large", () => {
      const reported = decode([part(2, Buffer.alloc(126)), frame(0, Buffer.alloc(75))], limit)
      assert.deepStrictEqual(reported[0]?.slice(0, 2), ["violation", 1009])
    })

    it("limits refuses more fragments than the limit, even empty ones", () => {
      assert.lengthOf(decode([part(1), part(0), frame(0)], limit), 1)
      const reported = decode([part(1), part(0), part(0), part(0)], limit)
      assert.deepStrictEqual(reported[0]?.slice(0, 2), ["violation", 1008])
    })

    it("limits forgets a message's size when it is complete", () => {
      const twice = [part(2, Buffer.alloc(120)), frame(0, Buffer.alloc(80))]
      assert.lengthOf(decode([...twice, ...twice], limit), 2)
    })
  })

  it("binary messages do not share memory with later bytes", () => {
    const messages: Array<Message> = []
    const nothing = () => {}
    const decoder = new FrameDecoder(
      { masked: true, maxPayload: 100, maxFragments: 9 },
      {
        onMessage: (message) => messages.push(message),
        onAscii: nothing,
        onPing: nothing,
        onPong: nothing,
        onFragment: nothing,
        onCloseFrame: nothing,
        onViolation: nothing,
        onRetained: nothing
      }
    )
    const shared = Buffer.alloc(64)
    for (const text of ["one", "two"]) {
      const bytes = frame(2, text)
      bytes.copy(shared)
      decoder.push(shared.subarray(0, bytes.length))
    }
    assert.deepStrictEqual(
      messages.map((message) => Buffer.from(message).toString()),
      ["one", "two"]
    )
  })
})
