/**
 * Cases of the Autobahn test suite (github.com/crossbario/autobahn-testsuite): frames that are sent to an echo server,
 * and what it must say to them until the connection's end.
 */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { frame, open, type Peer, serve } from "./ServerRig.ts"

export const Op = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const
/** Of a frame that more frames of its message follow. */
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

/** One frame of the server in words: `text Hello`, `close 1002`; long payloads by their length. */
const read = async (peer: Peer): Promise<string> => {
  const { opcode, payload } = await peer.frame()
  const name = names[opcode] ?? `opcode ${opcode}`
  if (opcode === Op.Close) return payload.length === 0 ? name : `${name} ${payload.readUInt16BE(0)}`
  return payload.length > 200 ? `${name} of ${payload.length}` : `${name} ${payload.toString("utf8")}`
}

/** All that the server says, to the close frame and the end of the connection. */
export const readAll = async (peer: Peer): Promise<ReadonlyArray<string>> => {
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

export type Case = readonly [what: string, frames: Bytes, expected: ReadonlyArray<string>, chop?: number]

export const suite = (name: string, cases: ReadonlyArray<Case>) =>
  it.scopedLive(name, () =>
    Effect.gen(function* () {
      const port = yield* serve()
      yield* Effect.forEach(cases, ([what, frames, expected, chop]) => expect(port, what, frames, expected, chop), {
        concurrency: 4
      })
    })
  )

export const protocolError = ["close 1002"]
export const x = (length: number) => "x".repeat(length)
export const xs = (kind: string, length: number) => (length > 200 ? `${kind} of ${length}` : `${kind} ${x(length)}`)
export const bytes = (...values: ReadonlyArray<number>) => Uint8Array.from(values)
