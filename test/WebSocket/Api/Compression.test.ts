/**
 * permessage-deflate over real sockets, with `ws` on the other side: the demands of parts 12 and 13 of the Autobahn
 * test suite. Part 12 sends messages of many sizes and kinds, whole and in fragments; part 13 does the same with each
 * set of parameters. Here there are fewer sizes than in the suite, which docs/conformance.md says how to run.
 */
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type PerMessageDeflateOptions, WebSocket, WebSocketServer } from "ws"
import { connect } from "../../../src/WebSocket/Api/ConversationClient.ts"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import type { CompressionOptions } from "../../../src/WebSocket/Frames/PerMessageDeflate.ts"
import { prepare } from "../../../src/WebSocket/Frames/Prepare.ts"
import { encode } from "../Frames/frames.ts"
import { limit, rawWebSocket, reactorLayer, serve } from "../Rig.ts"

const sizes = [16, 1024, 65_536]
/** The bytes of a frame, for fragmented messages. */
const pieces = [256, 8192]

const json = (size: number) =>
  JSON.stringify(Array.from({ length: size / 16 }, (_, i) => ({ id: i, name: `näme ${i % 7}` }))).slice(0, size)
const noise = (size: number) =>
  Buffer.from(Array.from({ length: size }, (_, i) => (Math.imul(i + size, 2654435761) >>> 11) & 0xff))

/** A message of each size and kind, and how it is fragmented. */
const messages: ReadonlyArray<readonly [data: string | Buffer, piece: number | undefined]> = [
  ...sizes.flatMap((size) => [[json(size), undefined] as const, [noise(size), undefined] as const]),
  ...pieces.flatMap((piece) => [[json(65_536), piece] as const])
]

const cut = (data: string | Buffer, piece: number): ReadonlyArray<string | Buffer> => {
  const parts: Array<string | Buffer> = []
  for (let at = 0; at < data.length; at += piece) parts.push(data.slice(at, at + piece))
  return parts
}

const send = (socket: WebSocket, data: string | Buffer, piece: number | undefined) => {
  const parts = piece === undefined ? [data] : cut(data, piece)
  parts.forEach((part, i) => {
    socket.send(part, { binary: typeof data !== "string", fin: i === parts.length - 1 })
  })
}

/** Sends each message twice, so that contexts matter, and counts the messages that come back unchanged. */
const exchange = (socket: WebSocket) =>
  Effect.promise(async () => {
    let passed = 0
    for (const [data, piece] of [...messages, ...messages]) {
      const reply = once(socket, "message")
      send(socket, data, piece)
      const [bytes, isBinary] = (await reply) as [Buffer, boolean]
      assert.strictEqual(isBinary, typeof data !== "string")
      assert.isTrue(Buffer.from(data as string).equals(bytes), `${data.length} bytes, ${piece}`)
      passed++
    }
    return passed
  })

const count = 2 * messages.length

const own: ReadonlyArray<readonly [name: string, options: CompressionOptions]> = [
  ["no context", { threshold: 0 }],
  ["context", { threshold: 0, contextTakeover: true }],
  ["only long messages", {}]
]

const echo = conversation("/", (talk) => talk.forEach(talk.send))

describe("12 and 13 Compression, as server", () => {
  const parameters: ReadonlyArray<readonly [name: string, options: PerMessageDeflateOptions]> = [
    ["13.1 none", {}],
    ["13.2 no context of the server", { serverNoContextTakeover: true }],
    ["13.3 a small window of the server", { serverMaxWindowBits: 9 }],
    ["13.4 the largest window", { serverMaxWindowBits: 15 }],
    [
      "13.5 no context, small windows",
      { serverNoContextTakeover: true, serverMaxWindowBits: 9, clientMaxWindowBits: 9 }
    ],
    ["13.6 no context of the client", { clientNoContextTakeover: true, serverMaxWindowBits: 15 }],
    ["13.7 all", { clientNoContextTakeover: true, serverNoContextTakeover: true, clientMaxWindowBits: 10 }]
  ]
  for (const [name, options] of own)
    it.scopedLive(
      `12 and 13 Compression, as server, with ${name}: ${parameters.length * count} messages of \`ws\` come back`,
      () =>
        Effect.gen(function* () {
          const { port } = yield* serve(echo, { compression: options })
          for (const [what, asked] of parameters) {
            const socket = yield* Effect.acquireRelease(
              Effect.promise(async () => {
                const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
                  perMessageDeflate: { threshold: 0, ...asked }
                })
                await once(socket, "open")
                return socket
              }),
              (socket) => Effect.sync(() => socket.terminate())
            )
            assert.match(socket.extensions, /permessage-deflate/, what)
            assert.strictEqual(yield* exchange(socket), count, what)
          }
        })
    )
})

describe("12 and 13 Compression, as client", () => {
  const parameters: ReadonlyArray<readonly [name: string, options: PerMessageDeflateOptions]> = [
    ["13.1 none", {}],
    ["13.2 no context of the server", { serverNoContextTakeover: true }],
    ["13.3 a small window of the client", { clientMaxWindowBits: 9 }],
    ["13.4 the largest window", { clientMaxWindowBits: 15 }],
    [
      "13.5 no context, small windows",
      { clientNoContextTakeover: true, serverMaxWindowBits: 9, clientMaxWindowBits: 9 }
    ],
    ["13.6 no context of the client", { clientNoContextTakeover: true }],
    ["13.7 all", { clientNoContextTakeover: true, serverNoContextTakeover: true, clientMaxWindowBits: 10 }]
  ]
  for (const [name, options] of own)
    it.scopedLive(
      `12 and 13 Compression, as client, with ${name}: ${parameters.length * count} messages of \`ws\` come back`,
      () =>
        Effect.gen(function* () {
          for (const [what, asked] of parameters) {
            const server = yield* Effect.acquireRelease(
              Effect.promise(async () => {
                const server = new WebSocketServer({
                  port: 0,
                  host: "127.0.0.1",
                  perMessageDeflate: { threshold: 0, ...asked }
                })
                await once(server, "listening")
                return server
              }),
              (server) => Effect.sync(() => server.close())
            )
            const connected = once(server, "connection")
            const { port } = server.address() as AddressInfo
            yield* connect({ url: new URL(`ws://127.0.0.1:${port}/`), compression: options }).pipe(
              Effect.flatMap((talk) => talk.forEach(talk.send)),
              Effect.scoped,
              Effect.provide(reactorLayer()),
              Effect.forkScoped
            )
            const [socket] = (yield* Effect.promise(() => connected)) as [WebSocket]
            assert.match(socket.extensions, /permessage-deflate/, what)
            assert.strictEqual(yield* exchange(socket), count, what)
            socket.terminate()
          }
        })
    )

  it.scopedLive(
    "12 and 13 Compression, as client, talks without compression to a server that does not support it",
    () =>
      Effect.gen(function* () {
        const { port } = yield* serve(echo)
        const talk = yield* connect({ url: new URL(`ws://127.0.0.1:${port}/`), compression: {} })
        yield* talk.send("a".repeat(5000))
        assert.lengthOf((yield* talk.receive) as string, 5000)
      }).pipe(Effect.provide(reactorLayer()))
  )
})

describe("a compressed connection", () => {
  const offered = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
  const key = Buffer.of(1, 2, 3, 4)
  const frame = (
    hex: string,
    more: { readonly fin?: boolean; readonly opcode?: number; readonly reserved?: number } = {}
  ) => encode({ fin: true, opcode: 1, reserved: 4, key, payload: Buffer.from(hex, "hex"), ...more })
  const hello = "f248cdc9c90700"

  const closeOf = (...frames: ReadonlyArray<Buffer>) =>
    Effect.gen(function* () {
      const { port } = yield* serve(echo, { compression: {} })
      const client = yield* rawWebSocket(port, "/", offered)
      client.write(Buffer.concat(frames))
      return yield* limit(Effect.promise(() => client.close()))
    })

  it.scopedLive("a compressed connection accepts the bit only on the first frame of a message", () =>
    Effect.gen(function* () {
      const wrong = [1002, "reserved bits must be 0"] as const
      assert.deepStrictEqual(yield* closeOf(frame(hello, { opcode: 9 })), wrong)
      assert.deepStrictEqual(yield* closeOf(frame("f248", { fin: false }), frame("cdc9c90700", { opcode: 0 })), wrong)
      assert.deepStrictEqual(yield* closeOf(frame(hello, { reserved: 2 })), wrong)
    })
  )

  it.scopedLive(
    "a compressed connection is closed for invalid data, for invalid text, and for a decompression bomb",
    () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* closeOf(frame("ffffff")), [1007, "the compressed data is invalid"])
        assert.deepStrictEqual(yield* closeOf(frame("000100feffff00")), [1007, "text must be UTF-8"])
        const { deflateRawSync, constants } = yield* Effect.promise(() => import("node:zlib"))
        // 16 KiB that inflate to 16 MiB, where a message may have 1 MiB.
        const bomb = deflateRawSync(Buffer.alloc(16 << 20), { finishFlush: constants.Z_SYNC_FLUSH })
        assert.deepStrictEqual(yield* closeOf(frame(bomb.toString("hex"))), [
          1009,
          "a message may have at most 1048576 bytes"
        ])
      })
  )

  it.scopedLive("a compressed connection may have fragments and uncompressed messages", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(echo, { compression: {} })
      const client = yield* rawWebSocket(port, "/", offered)
      client.write(
        Buffer.concat([
          frame("f248", { fin: false }),
          frame("cdc9c90700", { opcode: 0, reserved: 0 }),
          frame(Buffer.from("plain").toString("hex"), { reserved: 0 })
        ])
      )
      for (const expected of ["Hello", "plain"])
        assert.strictEqual((yield* Effect.promise(() => client.frame())).payload.toString(), expected)
    })
  )

  it.scopedLive("a compressed connection gets the same bytes of a message for many connections as the others", () =>
    Effect.gen(function* () {
      const news = prepare("news ".repeat(1000))
      const reporter = conversation("/", (talk) =>
        Effect.andThen(
          Effect.sync(() => talk.offerPrepared(news)),
          talk.closed
        )
      )
      const { port } = yield* serve(reporter, { compression: {} })
      const clients = yield* Effect.all([
        rawWebSocket(port, "/", offered),
        rawWebSocket(port, "/", offered),
        rawWebSocket(port)
      ])
      const [first, second, plain] = yield* Effect.promise(() => Promise.all(clients.map((client) => client.frame())))
      assert.strictEqual(first!.reserved, 4)
      assert.isBelow(first!.payload.length, 100)
      assert.deepStrictEqual(first, second)
      assert.deepStrictEqual([plain!.reserved, plain!.payload.length], [0, 5000])
    })
  )
})
