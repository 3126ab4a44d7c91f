/**
 * The demands of cases 1 to 10 of the Autobahn test suite on an echo server (RFC 6455;
 * github.com/crossbario/autobahn-testsuite), with frames made by hand. The headings are those of the suite; its part 6
 * is in `Utf8Conformance.test.ts`.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import {
  binary,
  bytes,
  type Case,
  close,
  count,
  last,
  MORE,
  next,
  Op,
  ping,
  pong,
  protocolError,
  readAll,
  start,
  suite,
  text,
  x,
  xs
} from "./autobahn.ts"
import { frame } from "./RawPeer.ts"
import { open, serve } from "./ServerRig.ts"

const lengths = [0, 1, 125, 126, 127, 128, 65535, 65536]

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
    ["unsolicited pongs", [pong(), pong("unsolicited"), ping("then")], ["pong then"]],
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
    ["a last fragment alone after a message", [start("a"), last("b"), last("c")], ["text ab", ...protocolError]]
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
    [
      "1 MiB of text in 16,385 fragments of 64 bytes",
      [start(x(64)), ...Array.from({ length: 16383 }, () => next(x(64))), last("")],
      ["text of 1048576"]
    ],
    [
      "4 MiB of bytes in 65,537 fragments of 64 bytes",
      [start(x(64), Op.Binary), ...Array.from({ length: 65535 }, () => next(x(64))), last("")],
      ["binary of 4194304"]
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

  it("all cases passed, in each role", () => {
    assert.isAbove(count.run, 3 * 130)
    assert.strictEqual(count.passed, count.run)
  })

  it.scopedLive("masks are required, and a client that breaks the protocol is not served any more", () =>
    Effect.gen(function* () {
      const port = yield* serve()
      const peer = yield* open(port, "/test/echo/")
      peer.send(bytes(0x81, 0x01, 0x78), text("after"))
      assert.deepStrictEqual(yield* Effect.promise(() => readAll(peer)), protocolError)
    })
  )
})
