/**
 * What the cases 1 to 10 of the Autobahn test suite demand of an echo server (RFC 6455; github.com/crossbario/autobahn-testsuite),
 * with frames made by hand. The headings are those of the suite.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { frame, open, type Peer, serve } from "./ServerRig.ts"

const Op = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const
/** Of a frame that more frames of its message follow. */
const MORE = 0

const text = (payload: string | Uint8Array) => frame(Op.Text, payload)
const binary = (payload: string | Uint8Array) => frame(Op.Binary, payload)
const ping = (payload: string | Uint8Array = "") => frame(Op.Ping, payload)
const pong = (payload: string | Uint8Array = "") => frame(Op.Pong, payload)
const close = (code: number, reason: string | Uint8Array = "") =>
  frame(Op.Close, Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]))
const start = (payload: string | Uint8Array, opcode: number = Op.Text) => frame(opcode, payload, MORE)
const next = (payload: string | Uint8Array) => frame(Op.Continuation, payload, MORE)
const last = (payload: string | Uint8Array) => frame(Op.Continuation, payload)

const names: Readonly<Record<number, string>> = { 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" }

/** One frame of the server in words: `text Hello`, `close 1002`; long payloads by their length. */
const read = async (peer: Peer): Promise<string> => {
  const { opcode, payload } = await peer.frame()
  const name = names[opcode] ?? `opcode ${opcode}`
  if (opcode === Op.Close) return payload.length === 0 ? name : `${name} ${payload.readUInt16BE(0)}`
  return payload.length > 200 ? `${name} of ${payload.length}` : `${name} ${payload.toString("utf8")}`
}

/** All that the server says, to the close frame and the end of the connection. */
const readAll = async (peer: Peer): Promise<ReadonlyArray<string>> => {
  const said: Array<string> = []
  do said.push(await read(peer))
  while (!said.at(-1)!.startsWith("close"))
  await peer.closed()
  assert.strictEqual(peer.received.length, 0, "bytes after the close frame")
  return said
}

type Bytes = ReadonlyArray<Uint8Array>

/** Sends the frames and, unless the server is to fail the connection, closes it. */
const expect = (port: number, what: string, frames: Bytes, expected: ReadonlyArray<string>, chop?: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const peer = yield* open(port, "/test/echo/")
      const closes = expected.at(-1)?.startsWith("close") === true
      const bytes = Buffer.concat(closes ? frames : [...frames, close(1000)])
      if (chop === undefined) peer.send(bytes)
      else for (let at = 0; at < bytes.length; at += chop) peer.send(bytes.subarray(at, at + chop))
      const said = yield* Effect.promise(() => readAll(peer))
      assert.deepStrictEqual(said, closes ? expected : [...expected, "close 1000"], what)
    })
  )

type Case = readonly [what: string, frames: Bytes, expected: ReadonlyArray<string>, chop?: number]

const suite = (name: string, cases: ReadonlyArray<Case>) =>
  it.scopedLive(name, () =>
    Effect.gen(function* () {
      const port = yield* serve()
      yield* Effect.forEach(cases, ([what, frames, expected, chop]) => expect(port, what, frames, expected, chop), {
        concurrency: 4
      })
    })
  )

const protocolError = ["close 1002"]
const x = (length: number) => "x".repeat(length)
const xs = (kind: string, length: number) => (length > 200 ? `${kind} of ${length}` : `${kind} ${x(length)}`)
const bytes = (...values: ReadonlyArray<number>) => Uint8Array.from(values)

const lengths = [0, 1, 125, 126, 127, 128, 65535, 65536]

const validTexts = [
  "Hello-µ@ßöäüàá-UTF-8!!",
  "κόσμε",
  "\u0000",
  "\u0080\u0800\u{10000}",
  "\u007f\u07ff\uffff",
  "\ud7ff\ue000\ufffd\u{10ffff}",
  "\ufffe\uffff"
]

const invalidTexts = [
  bytes(0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xcf, 0x83, 0xce, 0xbc, 0xce, 0xb5, 0xed, 0xa0, 0x80, 0x65),
  bytes(0xf4, 0x90, 0x80, 0x80),
  bytes(0x80),
  bytes(0xbf, 0x80),
  bytes(0xc0, 0xaf),
  bytes(0xc1, 0xbf),
  bytes(0xe0, 0x80, 0xaf),
  bytes(0xf0, 0x80, 0x80, 0xaf),
  bytes(0xf8, 0x88, 0x80, 0x80, 0x80),
  bytes(0xfc, 0x84, 0x80, 0x80, 0x80, 0x80),
  bytes(0xfe),
  bytes(0xff),
  bytes(0xed, 0xa0, 0x80),
  bytes(0xed, 0xbf, 0xbf),
  bytes(0xe2, 0x82),
  bytes(0x61, 0xc3)
]

describe("Conformance", () => {
  suite("1 Framing: text and binary messages of all lengths", [
    ...lengths.map((n): Case => [`text of ${n}`, [text(x(n))], [xs("text", n)]]),
    ...lengths.map((n): Case => [`binary of ${n}`, [binary(x(n))], [xs("binary", n)]]),
    ["text, chopped", [text(x(65536))], ["text of 65536"], 997],
    ["binary, chopped", [binary(x(65536))], ["binary of 65536"], 997]
  ])

  suite("2 Pings and pongs", [
    ["empty", [ping()], ["pong "]],
    ["payload", [ping("Hello")], ["pong Hello"]],
    ["binary payload", [ping(bytes(0, 255, 254, 253))], [`pong ${Buffer.from([0, 255, 254, 253]).toString("utf8")}`]],
    ["125 bytes", [ping(x(125))], [xs("pong", 125)]],
    ["126 bytes", [ping(x(126))], protocolError],
    ["byte by byte", [ping(x(125))], [xs("pong", 125)], 1],
    ["pongs that nobody asked for", [pong(), pong("unsolicited"), ping("then")], ["pong then"]],
    ["ten", Array.from({ length: 10 }, (_, i) => ping(`${i}`)), Array.from({ length: 10 }, (_, i) => `pong ${i}`)],
    [
      "ten, byte by byte",
      Array.from({ length: 10 }, (_, i) => ping(`${i}`)),
      Array.from({ length: 10 }, (_, i) => `pong ${i}`),
      1
    ]
  ])

  suite("3 Reserved bits", [
    ...[0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70].flatMap(
      (bits): ReadonlyArray<Case> => [
        [`text ${bits}`, [text("before"), frame(Op.Text, "x", 0x80 | bits), ping()], ["text before", ...protocolError]],
        [`ping ${bits}`, [frame(Op.Ping, "x", 0x80 | bits)], protocolError],
        [`close ${bits}`, [frame(Op.Close, "", 0x80 | bits)], protocolError]
      ]
    )
  ])

  suite("4 Opcodes", [
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap(
      (opcode): ReadonlyArray<Case> => [
        [`${opcode}`, [frame(opcode, "")], protocolError],
        [`${opcode} with a payload`, [text("before"), frame(opcode, "x"), ping()], ["text before", ...protocolError]]
      ]
    )
  ])

  suite("5 Fragmentation", [
    ["ping in two", [frame(Op.Ping, "a", MORE), last("b")], protocolError],
    ["pong in two", [frame(Op.Pong, "a", MORE), last("b")], protocolError],
    ["text in two", [start("frag"), last("ment")], ["text fragment"]],
    ["byte by byte", [start("frag"), last("ment")], ["text fragment"], 1],
    ["ping between", [start("frag"), ping("now"), last("ment")], ["pong now", "text fragment"]],
    ["ping between, byte by byte", [start("frag"), ping("now"), last("ment")], ["pong now", "text fragment"], 1],
    ["nothing to continue", [last("x"), text("after")], protocolError],
    ["nothing to continue, unfinished", [next("x"), text("after")], protocolError],
    ["new text within a message", [start("frag"), text("new")], protocolError],
    ["new binary within a message", [start("frag"), start("new", Op.Binary)], protocolError],
    [
      "five, with pings",
      [start("f1"), next("f2"), ping("p1"), next("f3"), next("f4"), ping("p2"), last("f5")],
      ["pong p1", "pong p2", "text f1f2f3f4f5"]
    ],
    ["two messages", [start("a"), last("b"), start("c", Op.Binary), last("d")], ["text ab", "binary cd"]],
    ["empty frames", [start(""), next(""), last("")], ["text "]],
    ["an end alone after a message", [start("a"), last("b"), last("c")], ["text ab", ...protocolError]]
  ])

  suite("6 UTF-8", [
    ...validTexts.flatMap((valid): ReadonlyArray<Case> => {
      const encoded = Buffer.from(valid)
      const one = [...encoded.subarray(1, -1)].map((byte) => next(bytes(byte)))
      return [
        [`valid ${valid}`, [text(valid)], [`text ${valid}`]],
        [`valid ${valid}, byte by byte`, [text(valid)], [`text ${valid}`], 1],
        ...(encoded.length < 2
          ? []
          : ([
              [
                `valid ${valid}, a frame a byte`,
                [start(encoded.subarray(0, 1)), ...one, last(encoded.subarray(-1))],
                [`text ${valid}`]
              ]
            ] satisfies ReadonlyArray<Case>))
      ]
    }),
    ...invalidTexts.flatMap(
      (invalid): ReadonlyArray<Case> => [
        [`invalid ${invalid}`, [text(invalid)], ["close 1007"]],
        [
          `invalid ${invalid}, a frame a byte`,
          [start(""), ...[...invalid].map((b) => next(bytes(b))), last("")],
          ["close 1007"]
        ]
      ]
    ),
    ["invalid in binary is nobody's business", [start("", Op.Binary), last(bytes(0xff))], ["binary \ufffd"]]
  ])

  suite("7 Close", [
    ["message, then close", [text("x"), close(1000), text("y")], ["text x", "close 1000"]],
    ["two closes", [close(1000), close(1000)], ["close 1000"]],
    ["ping after close", [close(1000), ping()], ["close 1000"]],
    ["close within a message", [start("frag"), close(1000), last("ment")], ["close 1000"]],
    ["no code", [frame(Op.Close, "")], ["close"]],
    ["half a code", [frame(Op.Close, "x")], protocolError],
    ["reason", [close(1000, "Hello")], ["close 1000"]],
    ["longest reason", [close(1000, x(123))], ["close 1000"]],
    ["reason too long", [close(1000, x(124))], protocolError],
    ["reason that is not UTF-8", [close(1000, bytes(0xce, 0xba, 0xed, 0xa0, 0x80))], ["close 1007"]],
    ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999].map(
      (code): Case => [`${code}`, [close(code)], [`close ${code}`]]
    ),
    ...[0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535].map(
      (code): Case => [`${code}`, [close(code)], protocolError]
    )
  ])

  suite("9 Limits: messages up to 16 MiB, whole, in fragments, in small writes", [
    ...[64, 256, 1024, 4096, 8192, 16384].flatMap(
      (kib): ReadonlyArray<Case> => [
        [`text of ${kib} KiB`, [text(x(kib * 1024))], [`text of ${kib * 1024}`]],
        [`binary of ${kib} KiB`, [binary(x(kib * 1024))], [`binary of ${kib * 1024}`]]
      ]
    ),
    ["one byte too many", [binary(x(16 * 1024 * 1024 + 1))], ["close 1009"]],
    [
      "4 MiB in fragments of 64 KiB",
      [start(x(65536)), ...Array.from({ length: 62 }, () => next(x(65536))), last(x(65536))],
      ["text of 4194304"]
    ],
    ["1 MiB in writes of 64 bytes", [text(x(1024 * 1024))], ["text of 1048576"], 64],
    [
      "a thousand messages of 64 bytes",
      Array.from({ length: 1000 }, () => text(x(64))),
      Array.from({ length: 1000 }, () => xs("text", 64))
    ]
  ])

  suite("10 Auto-fragmentation: 64 KiB in frames of 1,300 bytes", [
    [
      "text",
      [start(x(1300)), ...Array.from({ length: 49 }, () => next(x(1300))), last(x(536))],
      [`text of ${51 * 1300 - 764}`]
    ]
  ])

  it.scopedLive("masks are demanded, and whoever breaks the protocol is not served on", () =>
    Effect.gen(function* () {
      const port = yield* serve()
      const peer = yield* open(port, "/test/echo/")
      peer.send(bytes(0x81, 0x01, 0x78), text("after"))
      assert.deepStrictEqual(yield* Effect.promise(() => readAll(peer)), protocolError)
    })
  )
})
