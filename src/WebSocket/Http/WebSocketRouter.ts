/**
 * Which handler a WebSocket path has. Paths are those of `HttpRouter`: `/chat/:room/` captures `room`. Pages are routed
 * apart, so a page and a WebSocket may share one URL.
 */

import type { IncomingHttpHeaders } from "node:http"
import type * as HttpRouter from "@effect/platform/HttpRouter"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as FindMyWay from "find-my-way-ts"
import type { Connection, Handler } from "../Connection/Connection.ts"

/** What a client asked for. */
export interface UpgradeRequest {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly remoteAddress: string | undefined
  /** What the path captured. */
  readonly params: Readonly<Record<string, string | undefined>>
  /** The subprotocol that was agreed on, if any. */
  readonly protocol: string | undefined
}

export interface Endpoint {
  /** Makes the handler of a new connection: a function call per message, in chunks. */
  readonly open: (connection: Connection, request: UpgradeRequest) => Handler
  /** What its clients are called where they are counted. */
  readonly role?: string
  /** Whether its clients need the server's secret, where whoever admits them has one. */
  readonly needsToken?: boolean
  /** Whether only the server's own pages may open it, whichever other origins may connect. For what steers. */
  readonly ownPagesOnly?: boolean
  /** The subprotocols it speaks, best first; a client that offers none of them speaks none. */
  readonly protocols?: ReadonlyArray<string>
  /** The most bytes that a message may have, where the server's limit is not right. */
  readonly maxPayload?: number
  /** The most bytes to hold for a client that does not read, where the server's limit is not right. */
  readonly maxQueued?: number
}

/** What a request leads to. */
export interface Route {
  readonly endpoint: Endpoint
  /** The path as it was mounted. */
  readonly path: string
  readonly params: UpgradeRequest["params"]
}

type Mounted = Omit<Route, "params">

export class WebSocketRouter extends Context.Tag("effect-c10k/WebSocket/WebSocketRouter")<
  WebSocketRouter,
  {
    /** The path leads to the endpoint until the scope ends. Connections that are there then stay. */
    readonly mount: (path: HttpRouter.PathInput, endpoint: Endpoint) => Effect.Effect<void, never, Scope.Scope>
    readonly find: (path: string) => Route | undefined
  }
>() {
  static readonly layer: Layer.Layer<WebSocketRouter> = Layer.sync(WebSocketRouter, () => {
    const mounted = new Set<Mounted>()
    let routes = FindMyWay.make<Mounted>()
    const add = (route: Mounted) => routes.on("GET", route.path as `/${string}`, route)
    return WebSocketRouter.of({
      mount: (path, endpoint) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            const route = { endpoint, path }
            add(route)
            mounted.add(route)
            return route
          }),
          (route) =>
            Effect.sync(() => {
              mounted.delete(route)
              // The router can't forget a path.
              routes = FindMyWay.make()
              mounted.forEach(add)
            })
        ),
      find: (path) => {
        const found = routes.find("GET", path)
        return found === undefined ? undefined : { ...found.handler, params: found.params }
      }
    })
  })
}

/** Relay style: mounts an endpoint whose handlers are plain functions, called for each message in chunks. */
export const relay = (path: HttpRouter.PathInput, endpoint: Endpoint): Layer.Layer<never, never, WebSocketRouter> =>
  Layer.scopedDiscard(Effect.flatMap(WebSocketRouter, (router) => router.mount(path, endpoint)))
