import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Authority from "../../../Text/Authority.ts"
import * as Count from "../../../Text/Count.ts"
import * as WebSocketUrl from "../../../Text/WebSocketUrl.ts"
import { WebSocketServer } from "../../../WebSocket/Api/WebSocketServer.ts"
import { Reactor } from "../../../WebSocket/Connection/Reactor.ts"
import { WebSocketRouter } from "../../../WebSocket/Http/WebSocketRouter.ts"
import * as OptionFile from "../../OptionFile.ts"
import * as Output from "../../Output.ts"
import { Signals } from "../../Signals.ts"
import { UserError } from "../../UserError.ts"
import * as Recorder from "./Recorder.ts"
import * as RecordingProxy from "./RecordingProxy.ts"
import type { RecordOptions } from "./RecordOptions.ts"

/** High limits, because the server behind the proxy has its own. */
const LIMITS = { maxPayload: 256 * 1024 * 1024, maxFragments: Number.MAX_SAFE_INTEGER }

const serve = Effect.fn("record.serve")(function* (listen: string, options: RecordingProxy.Options) {
  const address = Authority.parse(listen, "127.0.0.1")
  if (address === undefined) {
    return yield* UserError.of(`--listen ${listen}: expected a port, or HOST:PORT`)
  }
  const layer = WebSocketServer.layer({ ...address, ...LIMITS, pages: RecordingProxy.app(options) }).pipe(
    Layer.provide([WebSocketRouter.layer, NodeFileSystem.layer]),
    Layer.provide(Reactor.layer()),
    Layer.provide(NodeHttpClient.layerWithoutAgent),
    Layer.provide(NodeHttpClient.makeAgentLayer(options.ca === undefined ? {} : { ca: options.ca }))
  )
  const context = yield* Effect.mapError(Layer.build(layer), ({ message }) =>
    UserError.of(`--listen ${listen}: ${message}`)
  )
  return Authority.format(yield* Effect.provide(WebSocketServer, context))
})

/** How long clients and servers have to answer a close frame. */
const END_TIMEOUT = "5 seconds"

export const run = Effect.fn("record")(function* ({ ca, listen, output, url }: RecordOptions) {
  const target = WebSocketUrl.parse(url)
  if (target === undefined) {
    return yield* UserError.of(`${url}: expected a WebSocket URL, such as ws://localhost:9000/chat`)
  }
  const certificates = Option.isNone(ca) ? undefined : yield* OptionFile.read("ca", ca.value)
  const recorder = yield* Recorder.make(output)
  const failed = yield* Deferred.make<never, UserError>()
  const stopping = yield* Deferred.make<void>()
  const { handle } = yield* Signals
  yield* handle(1, () => Deferred.succeed(stopping, undefined))
  yield* Effect.scoped(
    Effect.gen(function* () {
      const address = yield* serve(listen, { target, ca: certificates, recorder, stopping, failed })
      yield* Output.note(
        `Connect to ws://${address}${target.pathname}, or open http://${address}/, instead of ${target.host}. Ctrl-C ends the recording.`
      )
      yield* Effect.raceFirst(Deferred.await(stopping), Deferred.await(failed))
      yield* Effect.timeoutOption(recorder.allOver, END_TIMEOUT)
    })
  )
  const connections = recorder.unsafeConnections()
  if (connections === 0) return yield* UserError.of("no client connected: nothing was recorded")
  yield* Output.note(
    `${Count.format(connections)} ${connections === 1 ? "connection was" : "connections were"} recorded. The files contain all messages, including passwords and cookies.`
  )
}, Effect.scoped)
