/** One listener for the router's endpoints and for an HTTP app. Both kinds of server layers are built on it. */
import type { IncomingMessage, ServerResponse } from "node:http"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { given } from "../../Given.ts"
import * as OptionRange from "../Connection/OptionRange.ts"
import { Reactor } from "../Connection/Reactor.ts"
import { CloseCode } from "../Frames/CloseCode.ts"
import type { Refusal } from "../Http/Endpoint.ts"
import type * as Handshake from "../Http/Handshake.ts"
import * as HttpListener from "../Http/HttpListener.ts"
import { answerWith } from "../Http/HttpSession.ts"
import type { Listeners } from "../Http/Listeners.ts"
import * as Upgrade from "../Http/Upgrade.ts"
import * as UpgradableRequest from "./UpgradableRequest.ts"

/** The options of every kind of server. All have defaults: `localhost` and port 8000 if no host and port are given. */
export interface ListeningOptions
  extends Partial<Upgrade.UpgradeOptions>,
    Partial<Omit<HttpListener.ListenOptions, "pendingLimit" | "isDirect">>,
    Pick<Listeners, "onDropped"> {
  /** The most connections that are no WebSockets, or not yet. With more, the oldest is closed. 16,384 unless given. */
  readonly maxPending?: number
  /** The most connections of both kinds, as file descriptors allow. No limit unless given. */
  readonly maxSockets?: number
  /**
   * Milliseconds over which connections are closed when the server ends, so that the clients do not all reconnect at
   * once. Requests that are being answered then get this time too, and at least 5 s. 0 unless given.
   */
  readonly drain?: number
  /** Decides about each request of a page. Returns why it is refused, or `undefined`. */
  readonly refusePage?: (request: Handshake.Request) => Refusal | undefined
  /** Gets each request before the app. If it answered the request and returns `true`, the app is not called. */
  readonly shortcut?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Called when the server begins to end, before it stops listening. */
  readonly onStopping?: () => void
}

/** The fewest milliseconds that running requests get when the server ends. WebSockets get as long to close. */
const MIN_DRAIN = 5000

/** An HTTP app as Node calls it. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void

/** How connections are accepted: from the network, or in memory. */
export type Listener = (
  ...args: Parameters<typeof HttpListener.listen>
) => Effect.Effect<HttpListener.Listening, HttpListener.ListenError, Scope.Scope>

/**
 * Listens until the scope ends, then closes all connections with 1001. `app` returns the app that answers requests at
 * the moment. Dies if an option is out of its range; fails with `ListenError` if it can't listen.
 */
export const listen = Effect.fn("Listening.listen")(function* (
  options: ListeningOptions,
  app: () => NodeHandler,
  listener: Listener = HttpListener.listen
) {
  const problem = OptionRange.problemOf(options)
  if (problem !== undefined) return yield* Effect.dieMessage(`a WebSocket server can't listen: ${problem}`)
  const { host = "localhost", port = 8000, drain, onStopping, onDropped, refusePage, shortcut, ...rest } = options
  const { maxPending = 16_384, maxSockets = Infinity } = options
  const reactor = yield* Reactor
  const pendingLimit = () => Math.min(maxPending, maxSockets - reactor.connections.size)
  const { guard, unsafeReport } = reactor.faults
  const onRefused = guard("onRefused failed", options.onRefused)
  const clients = yield* reactor.makeGroup
  const upgrades = yield* Upgrade.makeListeners({ ...Upgrade.defaults, ...given(rest) }, clients, (pending) =>
    UpgradableRequest.handle(pending, app())
  )
  const listening = yield* listener(
    { ...HttpListener.defaults, ...given(rest), host, port, pendingLimit, isDirect: reactor.directIo.reads },
    {
      request: (request, response) => {
        const asked = refusePage === undefined ? undefined : Upgrade.requestOf(request, request.socket)
        const refusal = asked === undefined ? undefined : refusePage?.(asked)
        if (asked !== undefined && refusal !== undefined) {
          onRefused(refusal, asked)
          return answerWith(response, refusal)
        }
        if (shortcut?.(request, response) !== true) app()(request, response)
      },
      ...upgrades,
      onDropped: guard("onDropped failed", onDropped),
      failed: (error) => unsafeReport("A request failed", error),
      memory: reactor.memory
    }
  )
  yield* Effect.addFinalizer(() =>
    Effect.sync(guard("onStopping failed", onStopping)).pipe(
      Effect.zipRight(listening.stop),
      Effect.zipRight(
        Effect.all(
          [
            clients.closeAll(CloseCode.GoingAway, "going away", drain),
            Effect.timeoutOption(listening.ended, Math.max(drain ?? 0, MIN_DRAIN))
          ],
          { concurrency: "unbounded", discard: true }
        )
      )
    )
  )
  return { host, port: listening.port }
})
