/** One listener for the endpoints of the router and for an HTTP app: what both kinds of server layers are made of. */
import type { IncomingMessage, ServerResponse } from "node:http"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Reactor } from "../Connection/Reactor.ts"
import { CloseCode } from "../Frames/CloseCode.ts"
import * as HttpListener from "../Http/HttpListener.ts"
import * as OptionRange from "../Http/OptionRange.ts"
import * as Upgrade from "../Http/Upgrade.ts"
import * as UpgradableRequest from "./UpgradableRequest.ts"

export interface ListeningOptions
  extends Partial<Upgrade.UpgradeOptions>,
    Partial<Omit<HttpListener.ListenOptions, "pendingLimit">>,
    Pick<HttpListener.Listeners, "onDropped"> {
  /** Connections that may be no WebSockets (yet): with more, the one that has waited longest is closed. */
  readonly maxPending?: number
  /** Connections of both kinds that there may be, as file descriptors allow. */
  readonly maxSockets?: number
  /** Milliseconds over which clients are sent away at the end, so that they do not all come back at once. */
  readonly drain?: number
  /** Sees each request before the app, which is not called where this answered it and gave `true`. */
  readonly shortcut?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Called when the end begins. */
  readonly onStopping?: () => void
}

/** An HTTP app as Node calls it. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void

/** How connections come: over the network, or in memory. */
export type Listener = (
  ...args: Parameters<typeof HttpListener.listen>
) => Effect.Effect<HttpListener.Listening, HttpListener.ListenError, Scope.Scope>

/** Listens until the scope ends, then closes all connections with 1001. `app` gives what answers a request now. */
export const listen = Effect.fn("Listening.listen")(function* (
  options: ListeningOptions,
  app: () => NodeHandler,
  listener: Listener = HttpListener.listen
) {
  const problem = OptionRange.problemOf(options)
  if (problem !== undefined) return yield* Effect.dieMessage(`a WebSocket server can't listen: ${problem}`)
  const { host = "localhost", port = 8000, drain, onStopping, onDropped, shortcut, ...rest } = options
  const { maxPending = 16_384, maxSockets = Infinity } = options
  const reactor = yield* Reactor
  const pendingLimit = () => Math.min(maxPending, maxSockets - reactor.connections.size)
  const { guard } = reactor.faults
  const clients = yield* reactor.makeGroup
  const upgrades = yield* Upgrade.makeListeners({ ...Upgrade.defaults, ...rest }, clients, (pending) =>
    UpgradableRequest.handle(pending, app())
  )
  const listening = yield* listener(
    { ...HttpListener.defaults, ...rest, host, port, pendingLimit },
    {
      request: (request, response) => {
        if (shortcut?.(request, response) !== true) app()(request, response)
      },
      ...upgrades,
      onDropped: guard("onDropped failed", onDropped)
    }
  )
  yield* Effect.addFinalizer(() =>
    Effect.sync(guard("onStopping failed", onStopping)).pipe(
      Effect.zipRight(listening.stop),
      Effect.zipRight(clients.closeAll(CloseCode.GoingAway, "going away", drain))
    )
  )
  return { host, port: listening.port }
})
