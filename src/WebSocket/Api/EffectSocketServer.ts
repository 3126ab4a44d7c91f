/** The connections of a path as a `SocketServer` of `@effect/platform`: for RPC, and other code for one. */
import type * as HttpRouter from "@effect/platform/HttpRouter"
import * as SocketServer from "@effect/platform/SocketServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Codec from "../Conversation/Codec.ts"
import type { WebSocketRouter } from "../Http/WebSocketRouter.ts"
import type * as AdmissionRunner from "./AdmissionRunner.ts"
import { type AdmitOptions, mount } from "./ConversationEndpoint.ts"
import * as ConversationSocket from "./ConversationSocket.ts"
import { WebSocketServer } from "./WebSocketServer.ts"

/** Mounts the path while `run` runs. A handler's failure is logged, and closes with 1011. */
export const layer = <RA = never>(
  path: HttpRouter.PathInput,
  options: AdmitOptions<string, unknown, RA> = {}
): Layer.Layer<SocketServer.SocketServer, never, WebSocketRouter | WebSocketServer | AdmissionRunner.Needs<RA>> =>
  Layer.effect(
    SocketServer.SocketServer,
    Effect.gen(function* () {
      const context = yield* Effect.context<WebSocketRouter | AdmissionRunner.Needs<RA>>()
      const { host, port } = yield* WebSocketServer
      return SocketServer.SocketServer.of({
        address: { _tag: "TcpAddress", hostname: host, port },
        run: (handler) =>
          mount(path, options, Codec.raw, (conversation) => handler(ConversationSocket.make(conversation))).pipe(
            Effect.zipRight(Effect.never),
            Effect.scoped,
            Effect.provide(context)
          )
      })
    })
  )
