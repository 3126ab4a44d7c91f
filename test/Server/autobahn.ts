/**
 * Cases of the Autobahn test suite (github.com/crossbario/autobahn-testsuite): frames that are sent to an echo, and the
 * answers that it must give until the connection's end. Each case runs in each role, with the default options of that
 * role, but with time for the closing handshake on a busy machine.
 */
import * as Net from "node:net"
import { assert, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { connect } from "../../src/WebSocket/Api/ConversationClient.ts"
import { conversation } from "../../src/WebSocket/Api/ConversationEndpoint.ts"
import { Reactor } from "../../src/WebSocket/Connection/Reactor.ts"
import * as Handshake from "../../src/WebSocket/Http/Handshake.ts"
import { stateLimit } from "../limits.ts"
import { frame, masked, Peer } from "./RawPeer.ts"
import { open, serve } from "./ServerRig.ts"

export const Op = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const
/** The bits of a frame that is not its message's last. */
export const MORE = 0

export const text = (payload: string | Uint8Array) => frame(Op.Text, payload)
export const binary = (payload: string | Uint8Array) => frame(Op.Binary, payload)
export const ping = (payload: string | Uint8Array = "") => frame(Op.Ping, payload)
export const pong = (payload: string | Uint8Array = "") => frame(Op.Pong, payload)
export const close = (code: number, reason: string | Uint8Array = "") =>
  frame(Op.Close, Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]))
export const start = (payload: string | Uint8Array, opcode: number = Op.Text) => frame(opcode, payload, MORE)
export const next = (payload: string | Uint8Array) => frame(Op.Continuation, payload, MORE)
export const last = (payload: string | Uint8Array) => frame(Op.Continuation, payload)

const names: Readonly<Record<number, string>> = { 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" }

/** One frame of the server in words: `text Hello`, `close 1002`. Long payloads are given by their length. */
const read = async (peer: Peer): Promise<string> => {
  const { opcode, payload } = await peer.frame()
  const name = names[opcode] ?? `opcode ${opcode}`
  if (opcode === Op.Close) return payload.length === 0 ? name : `${name} ${payload.readUInt16BE(0)}`
  return payload.length > 200 ? `${name} of ${payload.length}` : `${name} ${payload.toString("utf8")}`
}

/** Everything that the server sends, up to the close frame and the end of the connection. */
export const readAll = async (peer: Peer): Promise<ReadonlyArray<string>> => {
  const said: Array<string> = []
  do said.push(await read(peer))
  while (!said.at(-1)!.startsWith("close"))
  peer.socket.end()
  await peer.closed()
  assert.strictEqual(peer.received.length, 0, "bytes after the close frame")
  return said
}

type Bytes = ReadonlyArray<Uint8Array>

/** The role of the echo under test: which side connects, and how frames are sent to it. */
interface Role {
  readonly name: string
  /** Starts what the connections need. Returns a function that opens one. */
  readonly start: Effect.Effect<Effect.Effect<Peer, never, Scope.Scope>, never, Scope.Scope>
  /** Converts frames, which are given as a client sends them, to the form for this role. */
  readonly sent: (frame: Uint8Array) => Uint8Array
}

const LARGEST = 16 * 1024 * 1024

const asServer: Role = {
  name: "server",
  start: Effect.map(serve(), (port) => open(port, "/test/echo/")),
  sent: (frame) => frame
}

const asConversation: Role = {
  name: "server, as a conversation",
  start: Effect.map(
    serve(
      {},
      conversation("/talk/", { maxPayload: LARGEST, maxQueued: 4 * LARGEST }, (talk) => talk.forEach(talk.send))
    ),
    (port) => open(port, "/talk/")
  ),
  sent: (frame) => frame
}

/** Accepts one connection at a time, from a client of this package. */
const asClient: Role = {
  name: "client",
  start: Effect.succeed(
    Effect.gen(function* () {
      const accepted = yield* Deferred.make<Peer>()
      const accept = (socket: Net.Socket) => Deferred.unsafeDone(accepted, Effect.succeed(new Peer(socket)))
      const server = yield* Effect.acquireRelease(
        Effect.async<Net.Server>((resume) => {
          const server = Net.createServer(accept)
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.close())
      )
      const { port } = server.address() as Net.AddressInfo
      yield* connect({ url: new URL(`ws://127.0.0.1:${port}/`) }).pipe(
        Effect.flatMap((talk) => talk.forEach(talk.send)),
        Effect.scoped,
        // It may have 16 MiB to send when the close frame comes.
        Effect.provide(Reactor.layer({ closeTimeout: stateLimit() })),
        // A case that ends before the handshake is done fails anyway.
        Effect.ignore,
        Effect.forkScoped
      )
      const peer = yield* Effect.acquireRelease(Deferred.await(accepted), (peer) => Effect.sync(() => peer.destroy()))
      const head = yield* Effect.promise(() =>
        peer.until(({ received }) => (received.includes("\r\n\r\n") ? received.toString("latin1") : undefined))
      )
      // A client sends nothing more before the answer.
      peer.received = Buffer.alloc(0)
      peer.send(Handshake.accepted(/Sec-WebSocket-Key: (\S+)/.exec(head)![1]!, undefined))
      return peer
    })
  ),
  sent: (frame) => {
    const short = frame[1]! & 0x7f
    const start = short < 126 ? 2 : short === 126 ? 4 : 10
    const head = Buffer.from(frame.subarray(0, start))
    head[1]! &= 0x7f
    // A case may have only the beginning of a frame.
    return Buffer.concat([head, masked(frame.subarray(start + 4), frame.subarray(start, start + 4))])
  }
}

/** Sends the frames and, unless the connection must fail, closes it. */
const expect = (role: Role, opening: Effect.Effect<Peer, never, Scope.Scope>, [what, frames, expected, chop]: Case) =>
  Effect.scoped(
    Effect.gen(function* () {
      const peer = yield* opening
      const closes = expected.at(-1)?.startsWith("close") === true
      const bytes = Buffer.concat((closes ? frames : [...frames, close(1000)]).map(role.sent))
      if (chop === undefined) peer.send(bytes)
      else for (let at = 0; at < bytes.length; at += chop) peer.send(bytes.subarray(at, at + chop))
      const said = yield* Effect.promise(() => readAll(peer))
      assert.deepStrictEqual(said, closes ? expected : [...expected, "close 1000"], what)
    })
  )

export type Case = readonly [what: string, frames: Bytes, expected: ReadonlyArray<string>, chop?: number]

/** The number of cases that passed, and of those that ran so far in this file. */
export const count = { passed: 0, run: 0 }

export const suite = (name: string, cases: ReadonlyArray<Case>) => {
  for (const role of [asServer, asConversation, asClient])
    it.scopedLive(`${name} (${cases.length} cases as ${role.name})`, () =>
      Effect.gen(function* () {
        const opening = yield* role.start
        count.run += cases.length
        yield* Effect.forEach(
          cases,
          (each) => Effect.tap(expect(role, opening, each), () => Effect.sync(() => count.passed++)),
          { concurrency: 4 }
        )
      })
    )
}

export const protocolError = ["close 1002"]
export const x = (length: number) => "x".repeat(length)
export const xs = (kind: string, length: number) => (length > 200 ? `${kind} of ${length}` : `${kind} ${x(length)}`)
export const bytes = (...values: ReadonlyArray<number>) => Uint8Array.from(values)
