/** The connections of a path as a `SocketServer` of `@effect/platform`: for RPC, and whatever else is written for one. */
import type * as HttpRouter from "@effect/platform/HttpRouter"
import * as SocketServer from "@effect/platform/SocketServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { WebSocketRouter } from "../Http/WebSocketRouter.ts"
import { type ConversationOptions, mount } from "./ConversationEndpoint.ts"
import * as ConversationSocket from "./ConversationSocket.ts"
import { WebSocketServer } from "./WebSocketServer.ts"

/** The path is mounted while `run` runs; a handler that fails closes its connection with 1011 and is logged. */
export const layer = (
  path: HttpRouter.PathInput,
  options: ConversationOptions = {}
): Layer.Layer<SocketServer.SocketServer, never, WebSocketRouter | WebSocketServer> =>
  Layer.effect(
    SocketServer.SocketServer,
    Effect.gen(function* () {
      const router = yield* WebSocketRouter
      const { host, port } = yield* WebSocketServer
      return SocketServer.SocketServer.of({
        address: { _tag: "TcpAddress", hostname: host, port },
        run: (handler) =>
          mount(path, options, (talk) => handler(ConversationSocket.make(talk))).pipe(
            Effect.zipRight(Effect.never),
            Effect.scoped,
            Effect.provideService(WebSocketRouter, router)
          )
      })
    })
  )
