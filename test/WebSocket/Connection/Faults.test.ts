/** A callback that throws ends its own connection and is logged. The other connections are served on. */
import { assert, describe, it, vi } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Logger from "effect/Logger"
import { bundled } from "../../../scripts/bundled.ts"
import type { ServerOptions } from "../../../src/WebSocket/Api/WebSocketServer.ts"
import type { Connection } from "../../../src/WebSocket/Connection/Connection.ts"
import type { Handler } from "../../../src/WebSocket/Connection/Handler.ts"
import { relay } from "../../../src/WebSocket/Http/WebSocketRouter.ts"
import { start } from "../../Server/ServerProcess.ts"
import { closeFrame, encode } from "../Frames/frames.ts"
import { limit, openingOf, rawClient, rawWebSocket, serve, wsClient } from "../Rig.ts"

const boom = (where: string) => (): never => {
  throw new Error(`${where} throws, as it was told to`)
}

/** A server whose connections have the handler `handle`, except those of `/good/`; and the entries of its log. */
const faulty = Effect.fnUntraced(function* (
  handle: (connection: Connection) => Partial<Handler>,
  options: ServerOptions = {}
) {
  const logged = yield* Deferred.make<{ readonly error: string; readonly fields: Record<string, unknown> }>()
  const logger = Logger.make<unknown, void>(({ annotations, cause, logLevel }) => {
    const error = Cause.squash(cause)
    if (logLevel.label !== "ERROR" || !(error instanceof Error)) return
    const fields = Object.fromEntries(HashMap.toEntries(annotations))
    Deferred.unsafeDone(logged, Effect.succeed({ error: error.message, fields }))
  })
  const endpoint = relay("/:kind/", {
    open: (connection, { params }) => {
      const handler: Handler = { onMessage: (message) => connection.send(message), onClose: () => {} }
      return params["kind"] === "good" ? handler : { ...handler, ...handle(connection) }
    }
  })
  const { port } = yield* Effect.provide(serve(endpoint, options), Logger.replace(Logger.defaultLogger, logger))
  const good = yield* wsClient(port, "/good/")
  const isServed = Effect.gen(function* () {
    good.socket.send("still here")
    assert.strictEqual(yield* Effect.promise(() => good.next()), "still here")
    const another = yield* wsClient(port, "/good/")
    another.socket.send("me too")
    assert.strictEqual(yield* Effect.promise(() => another.next()), "me too")
  })
  return { port, logged: limit(Deferred.await(logged)), isServed }
})

describe("a handler that throws", () => {
  it.scopedLive("a handler that throws at a message: 1011, and the log says where", () =>
    Effect.gen(function* () {
      const { isServed, logged, port } = yield* faulty(() => ({ onMessage: boom("onMessage") }))
      const client = yield* wsClient(port, "/bad/")
      client.socket.send("throw")
      assert.deepStrictEqual(yield* Effect.promise(() => client.closed), { code: 1011, reason: "internal error" })
      const { error, fields } = yield* logged
      assert.strictEqual(error, "onMessage throws, as it was told to")
      assert.strictEqual(fields["path"], "/:kind/")
      assert.isNumber(fields["id"])
      assert.match(String(fields["peer"]), /^127\.0\.0\.1:\d+$/)
      yield* isServed
    })
  )

  it.scopedLive("a handler that throws at a message that it takes in place", () =>
    Effect.gen(function* () {
      const { isServed, logged, port } = yield* faulty(() => ({ onAscii: boom("onAscii") }))
      const client = yield* wsClient(port, "/bad/")
      client.socket.send("throw")
      assert.deepStrictEqual(yield* Effect.promise(() => client.closed), { code: 1011, reason: "internal error" })
      assert.strictEqual((yield* logged).error, "onAscii throws, as it was told to")
      yield* isServed
    })
  )

  it.scopedLive("a handler that throws when its client begins to close", () =>
    Effect.gen(function* () {
      const { isServed, logged, port } = yield* faulty(() => ({ onClosing: boom("onClosing") }))
      const client = yield* rawWebSocket(port, "/bad/")
      client.send(closeFrame(4000, "bye"))
      assert.deepStrictEqual(yield* Effect.promise(() => client.close()), [4000, "bye"])
      assert.match((yield* logged).error, /^onClosing/)
      yield* isServed
    })
  )

  it.scopedLive("a handler that throws when the connection is over", () =>
    Effect.gen(function* () {
      const { isServed, logged, port } = yield* faulty(() => ({ onClose: boom("onClose") }))
      const client = yield* wsClient(port, "/bad/")
      client.socket.close()
      assert.match((yield* logged).error, /^onClose/)
      yield* isServed
    })
  )

  it.scopedLive("a handler that throws when its messages have left", () =>
    Effect.gen(function* () {
      const { isServed, logged, port } = yield* faulty((connection) => ({
        onMessage: () => {
          while (!connection.blocked) {
            connection.send(new Uint8Array(1 << 20))
            connection.flush()
          }
          connection.onceDrained(boom("onceDrained"))
        }
      }))
      const client = yield* wsClient(port, "/bad/")
      client.socket.send("go")
      assert.match((yield* logged).error, /^onceDrained/)
      assert.strictEqual((yield* Effect.promise(() => client.closed)).code, 1011)
      yield* isServed
    })
  )

  it.scopedLive("a handler that throws on opening", () =>
    Effect.gen(function* () {
      const { isServed, logged, port } = yield* faulty(boom("open"))
      const client = yield* wsClient(port, "/bad/")
      assert.strictEqual((yield* Effect.promise(() => client.closed)).code, 1011)
      assert.match((yield* logged).error, /^open/)
      yield* isServed
    })
  )
})

describe("a message for which there is no memory", () => {
  /** Makes allocations of these sizes fail until the scope closes. */
  const without = (least: number, most: number) => {
    const allocate = Buffer.allocUnsafeSlow
    return Effect.acquireRelease(
      Effect.sync(() =>
        vi.spyOn(Buffer, "allocUnsafeSlow").mockImplementation((asked) => {
          if (asked >= least && asked <= most) throw new RangeError("Array buffer allocation failed")
          return allocate(asked)
        })
      ),
      (spy) => Effect.sync(() => spy.mockRestore())
    )
  }

  it.scopedLive("a message for which there is no memory ends its connection and no other", () =>
    Effect.gen(function* () {
      const { isServed, logged, port } = yield* faulty(() => ({}))
      const frame = encode({ fin: true, opcode: 2, payload: Buffer.alloc(50_000), key: Buffer.alloc(4) })
      yield* without(40_000, frame.length)
      const client = yield* rawWebSocket(port, "/bad/")
      client.write(frame.subarray(0, 40_000))
      assert.deepStrictEqual(yield* limit(Effect.promise(() => client.close())), [1011, "internal error"])
      assert.match((yield* logged).error, /^Array buffer allocation failed/)
      yield* isServed
    })
  )
})

describe("a server's own callback that throws", () => {
  it.scopedLive("in admit: that request is answered with 500", () =>
    Effect.gen(function* () {
      const { isServed, logged, port } = yield* faulty(() => ({}), {
        admit: ({ url }) => (url === "/bad/" ? boom("admit")() : { closed: () => {} })
      })
      const client = yield* rawClient(port)
      client.write(openingOf("/bad/"))
      assert.match(yield* Effect.promise(() => client.head()), /^HTTP\/1\.1 500 /)
      const { error, fields } = yield* logged
      assert.match(error, /^admit/)
      assert.strictEqual(fields["path"], "/:kind/")
      yield* isServed
    })
  )

  it.scopedLive("a server's own callback that throws when it is called at the end of a connection", () =>
    Effect.gen(function* () {
      const { isServed, logged, port } = yield* faulty(() => ({}), { admit: () => ({ closed: boom("tally") }) })
      const client = yield* wsClient(port, "/bad/")
      client.socket.close()
      assert.match((yield* logged).error, /^tally/)
      yield* isServed
    })
  )

  it.scopedLive("a server's own callback that throws when it is called for a refused request", () =>
    Effect.gen(function* () {
      const { isServed, logged, port } = yield* faulty(() => ({}), { onRefused: boom("onRefused") })
      const client = yield* rawClient(port)
      client.write(openingOf("/no/such/path"))
      assert.match(yield* Effect.promise(() => client.head()), /^HTTP\/1\.1 404 /)
      assert.match((yield* logged).error, /^onRefused/)
      yield* isServed
    })
  )

  it.scopedLive("a server's own callback that throws when it is called for a dropped connection", () =>
    Effect.gen(function* () {
      const { isServed, logged, port } = yield* faulty(() => ({}), { onDropped: boom("onDropped") })
      const client = yield* rawClient(port)
      client.write("\0\r\n\r\n")
      assert.match((yield* logged).error, /^onDropped/)
      yield* isServed
    })
  )
})

describe("a handler that closes its connection", () => {
  it.scopedLive("a handler that closes its connection gets no more messages, even those of the same read", () =>
    Effect.gen(function* () {
      const handled: Array<string> = []
      const { port } = yield* faulty((connection) => ({
        onMessage: (message) => {
          handled.push(String(message))
          connection.close(message === "gone" ? 1000 : 4000)
        }
      }))
      const client = yield* rawWebSocket(port, "/bad/")
      client.send(
        ...Array.from({ length: 200 }, (_, i) => ({ fin: true, opcode: 1, payload: Buffer.from(`reset ${i}`) }))
      )
      assert.deepStrictEqual(yield* Effect.promise(() => client.close()), [4000, ""])
      client.send(closeFrame(4000))
      yield* Effect.promise(() => client.rest())
      assert.deepStrictEqual(handled, ["reset 0"])
    })
  )

  it.scopedLive("a handler that closes its connection gets no more messages after terminate either", () =>
    Effect.gen(function* () {
      let handled = 0
      const { port } = yield* faulty((connection) => ({
        onMessage: () => {
          handled++
          connection.terminate()
        }
      }))
      const client = yield* rawWebSocket(port, "/bad/")
      client.send(...Array.from({ length: 200 }, () => ({ fin: true, opcode: 1, payload: Buffer.from("x") })))
      yield* Effect.promise(() => client.rest())
      assert.strictEqual(handled, 1)
    })
  )
})

describe("the reactor's loop", () => {
  it.scopedLive(
    "the reactor's loop ends the process with a log line when it fails, because it can't serve any more",
    () =>
      Effect.gen(function* () {
        const server = yield* start([], { program: bundled("test/WebSocket/Connection/brokenServer.ts") })
        const port = yield* Effect.promise(() => server.port())
        const client = yield* wsClient(port)
        client.socket.send("break")
        assert.strictEqual(yield* limit(Effect.promise(() => server.ended)), 1)
        assert.match(server.output + server.errors, /The reactor's loop failed[\s\S]*broken, as it was told to/)
      })
  )
})
