import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Frame from "../../../src/WebSocket/Frames/Frame.ts"
import { decode, type TestFrame } from "./frames.ts"
import { bytes, message, text } from "./messageArbitraries.ts"

/** The single frame in a byte string. */
const only = (frame: Frame.ByteString): TestFrame => {
  const buffer = Buffer.from(frame, "latin1")
  const { frames, used } = decode(buffer)
  assert.lengthOf(frames, 1)
  assert.strictEqual(used, buffer.length)
  return frames[0]!
}

const payloadOf = (value: string | Uint8Array) => Buffer.from(typeof value === "string" ? Buffer.from(value) : value)

describe("Frame", () => {
  it.prop("a message is one frame of its kind, whole and unmasked", [message], ([value]) => {
    assert.deepStrictEqual(only(Frame.ofMessage(value)), {
      fin: true,
      reserved: 0,
      opcode: typeof value === "string" ? 1 : 2,
      key: undefined,
      payload: payloadOf(value)
    })
  })

  it.prop("a masked message is the same frame with a key", [message], ([value]) => {
    const { key, ...frame } = only(Frame.mask(Frame.ofMessage(value)))
    assert.lengthOf(key!, 4)
    assert.deepStrictEqual(frame, {
      fin: true,
      reserved: 0,
      opcode: typeof value === "string" ? 1 : 2,
      payload: payloadOf(value)
    })
  })

  it.prop("a short text as a client sends it is that frame too", [text], ([value]) => {
    const short = value.slice(0, Frame.SHORT)
    const { key, ...frame } = only(Frame.ofMaskedText(short))
    assert.lengthOf(key!, 4)
    assert.deepStrictEqual(frame, { fin: true, reserved: 0, opcode: 1, payload: payloadOf(short) })
  })

  for (const [name, make] of [
    ["a frame", () => Frame.mask(Frame.ofAscii("Spam?"))],
    ["a text", () => Frame.ofMaskedText("Spam?")]
  ] as const)
    it(`masks ${name} with a key of its own each time`, () => {
      const keys = Array.from({ length: 5000 }, () => only(make()).key!.toString("hex"))
      // Two of 5,000 random keys may be equal by chance, but not more.
      assert.isAbove(new Set(keys).size, 4990)
    })

  for (const length of [0, 1, 125, 126, 127, 65535, 65536, 1 << 20])
    it(`Frame has the shortest header for ${length} bytes`, () => {
      const header = length <= 125 ? 2 : length <= 65535 ? 4 : 10
      assert.strictEqual(Frame.ofAscii("x".repeat(length)).length, header + length)
      assert.strictEqual(Frame.ofMessage(new Uint8Array(length)).length, header + length)
      assert.strictEqual(only(Frame.mask(Frame.ofMessage(new Uint8Array(length)))).payload.length, length)
    })

  it.prop("a view of a larger buffer sends only its own bytes", [bytes, FastCheck.nat(9)], ([value, offset]) => {
    const larger = new Uint8Array(value.length + 20)
    larger.set(value, offset)
    const view = larger.subarray(offset, offset + value.length)
    assert.isTrue(only(Frame.ofMessage(view)).payload.equals(Buffer.from(value)))
  })

  it.prop(
    "a close frame's reason is cut between characters",
    [FastCheck.integer({ min: 3000, max: 4999 }), text],
    ([code, reason]) => {
      const { opcode, payload } = only(Frame.ofControl(Frame.Opcode.Close, Frame.closePayload(code, reason)))
      assert.strictEqual(opcode, 8)
      assert.isAtMost(payload.length, 125)
      assert.strictEqual(payload.readUInt16BE(0), code)
      const reported = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload.subarray(2))
      assert.isTrue(reason.startsWith(reported))
      // One more character would not fit.
      if (reported !== reason) assert.isAbove(payload.length + 4, 125)
    }
  )

  it("a ping has one byte for each character of its payload, which is cut to 125", () => {
    assert.deepStrictEqual(only(Frame.ofControl(Frame.Opcode.Ping, "\xff\x00\x80")).payload, Buffer.of(0xff, 0, 0x80))
    assert.lengthOf(only(Frame.ofControl(Frame.Opcode.Ping, "\xff".repeat(200))).payload, 125)
  })

  it("a close frame has 1011 instead of a code that may not be sent", () => {
    for (const code of [0, 999, 1004, 1006, 1015, 2999, 5000, 70_000, -1, 1000.5, Number.NaN])
      assert.strictEqual(Buffer.from(Frame.closePayload(code, "why"), "latin1").readUInt16BE(0), 1011, String(code))
    for (const code of [1000, 1001, 1014, 3000, 4999])
      assert.strictEqual(Buffer.from(Frame.closePayload(code, "why"), "latin1").readUInt16BE(0), code)
  })

  it("a close frame of code 1005 is empty", () => {
    assert.strictEqual(only(Frame.ofControl(Frame.Opcode.Close, Frame.closePayload(1005, "ignored"))).payload.length, 0)
  })
})
