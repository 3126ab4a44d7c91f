/**
 * The telemetry of a client's connection: a span from the attempt to the end, if there is a tracer, and counts in
 * Effect's metrics. The server's span becomes its child by `traceparent`. Single messages are not recorded.
 */
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import * as Authority from "../../Text/Authority.ts"
import type { Connection } from "../Connection/Connection.ts"
import type { Close } from "../Frames/CloseCode.ts"
import type { ConnectError } from "../Http/ConnectError.ts"
import * as ConversationCounts from "./ConversationCounts.ts"
import { isTraced, peerOf, redacted } from "./ConversationTelemetry.ts"

const countsOf = ConversationCounts.byLabel(ConversationCounts.made)

/** Attributes by OpenTelemetry's semantic conventions for HTTP. */
const attributesOf = (url: URL, { host, port }: Authority.Authority) => ({
  "http.request.method": "GET",
  "url.full": `${url.protocol}//${url.host}${url.pathname}${redacted(url.search)}`,
  "url.scheme": url.protocol.slice(0, -1),
  "server.address": host,
  "server.port": port,
  "network.protocol.name": "websocket"
})

/** The telemetry of one connection, from the attempt to open it. */
class ConnectionTelemetry {
  readonly #server: string
  readonly #clock: Clock.Clock
  #span: Tracer.Span | undefined

  constructor(server: string, clock: Clock.Clock, span: Tracer.Span | undefined) {
    this.#server = server
    this.#clock = clock
    this.#span = span
  }

  /** Headers for the handshake, which make the server's span a child of this one. */
  get headers(): Readonly<Record<string, string>> {
    const span = this.#span
    if (span === undefined || Context.get(span.context, Tracer.DisablePropagation)) return {}
    return HttpTraceContext.toHeaders(span)
  }

  /** Records that the connection is open. Returns a function to call with how it ended. */
  unsafeOpened(connection: Connection): (close: Close) => void {
    const attributes = { ...peerOf(connection), "http.response.status_code": 101 }
    for (const [name, value] of Object.entries(attributes)) this.#span?.attribute(name, value)
    const counts = countsOf(this.#server)
    counts.unsafeOpened()
    return (close) => {
      counts.unsafeClosed(close)
      this.#span?.attribute("websocket.close.code", close.code)
      this.unsafeEnd()
    }
  }

  /** Ends the span, if it has not ended: at the end of the connection, or of the program's use of it. */
  unsafeEnd(exit: Exit.Exit<unknown, unknown> = Exit.void): void {
    this.#span?.end(this.#clock.unsafeCurrentTimeNanos(), exit)
    this.#span = undefined
  }

  unsafeFailed(cause: Cause.Cause<ConnectError>): void {
    const error = Cause.failureOption(cause)
    if (Option.isSome(error)) {
      ConversationCounts.unsafeFailed(this.#server, error.value.failure)
      this.#span?.attribute("error.type", error.value.failure)
      if (error.value.status !== undefined) this.#span?.attribute("http.response.status_code", error.value.status)
    }
    this.unsafeEnd(Exit.failCause(cause))
  }
}

export const begin = (url: URL): Effect.Effect<ConnectionTelemetry> =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const authority = Authority.of(url)
    const server = Authority.format(authority)
    if (!(yield* isTraced)) return new ConnectionTelemetry(server, clock, undefined)
    const span = yield* Effect.makeSpan("WebSocket GET", { kind: "client", attributes: attributesOf(url, authority) })
    return new ConnectionTelemetry(server, clock, span)
  })
