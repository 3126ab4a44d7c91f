/**
 * The telemetry of a conversation: a span for as long as it lasts, where somebody traces; who it is in each line of its handler's log;
 * and counts in Effect's metrics. Nothing is done for a message.
 */
import * as Headers from "@effect/platform/Headers"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import type * as MetricLabel from "effect/MetricLabel"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Tracer from "effect/Tracer"
import type { Connection } from "../Connection/Connection.ts"
import type { Close } from "../Frames/CloseCode.ts"
import type { UpgradeRequest } from "../Http/Endpoint.ts"

const opened = Metric.counter("websocket_conversations_opened_total", {
  description: "Conversations that were begun, by path",
  incremental: true
})
const closed = Metric.counter("websocket_conversations_closed_total", {
  description: "Conversations that ended, by path and close code",
  incremental: true
})
const active = Metric.gauge("websocket_conversations", { description: "Conversations that go on, by path" })

const noTags: ReadonlyArray<MetricLabel.MetricLabel> = []

/** The counts of a path: metrics are made once, which costs a hundred times what an update does. */
export class PathMetrics {
  readonly #opened: Metric.Metric.Counter<number>
  readonly #active: Metric.Metric.Gauge<number>
  readonly #closed = new Map<number, Metric.Metric.Counter<number>>()
  readonly #path: string

  constructor(path: string) {
    this.#path = path
    this.#opened = Metric.tagged(opened, "path", path)
    this.#active = Metric.tagged(active, "path", path)
  }

  unsafeOpened(): void {
    this.#opened.unsafeUpdate(1, noTags)
    this.#active.unsafeModify(1, noTags)
  }

  /** One function for all conversations of the path. */
  readonly unsafeClosed = ({ code }: Close): void => {
    this.#active.unsafeModify(-1, noTags)
    const known = this.#closed.get(code)
    const metric = known ?? Metric.tagged(Metric.tagged(closed, "path", this.#path), "code", String(code))
    if (known === undefined) this.#closed.set(code, metric)
    metric.unsafeUpdate(1, noTags)
  }
}

/** The connection that a handler talks on, for as long as it runs. */
class Talking extends Context.Tag("effect-c10k/WebSocket/Talking")<Talking, Connection>() {}

/** The services that a handler gets beside those that it requires. */
export const identity = (connection: Connection): Context.Context<never> => Context.make(Talking, connection)

/** The annotations of a line of the log, with whose it is. They are made for the line: in each fiber they would take 4 KB. */
const annotated = (options: Logger.Logger.Options<unknown>): Logger.Logger.Options<unknown> => {
  const talking = Context.getOption(FiberRefs.getOrDefault(options.context, FiberRef.currentContext), Talking)
  if (Option.isNone(talking)) return options
  let { annotations } = options
  for (const [name, value] of Object.entries(talking.value.annotations)) {
    if (!HashMap.has(annotations, name)) annotations = HashMap.set(annotations, name, value)
  }
  return { ...options, annotations }
}

/** The same runtime, whose loggers know the connections of handlers. */
export const withIdentities = <R>(runtime: Runtime.Runtime<R>): Runtime.Runtime<R> => {
  const loggers = FiberRefs.getOrDefault(runtime.fiberRefs, FiberRef.currentLoggers)
  return Runtime.setFiberRef(
    runtime,
    FiberRef.currentLoggers,
    HashSet.map(loggers, (logger) => Logger.mapInputOptions(logger, annotated))
  )
}

/** Whether spans go anywhere: Effect's own tracer makes them and keeps them to itself. */
export const isTraced = Effect.map(
  Effect.tracer,
  (tracer) => tracer !== Context.get(DefaultServices.liveServices, Tracer.Tracer)
)

/** Attributes as OpenTelemetry's semantic conventions for HTTP have them; the span begins with the handshake. */
const attributesOf = (path: string, connection: Connection, { headers, url }: UpgradeRequest) => {
  const [urlPath = "", query] = url.split("?", 2)
  const { peer } = connection.annotations
  const colon = String(peer ?? "").lastIndexOf(":")
  return {
    "http.request.method": "GET",
    "http.response.status_code": 101,
    "http.route": path,
    "url.path": urlPath,
    // Values may be secrets: a token, where no header can be set.
    ...(query === undefined ? {} : { "url.query": query.replace(/=[^&]*/g, "=REDACTED") }),
    "network.protocol.name": "websocket",
    ...(peer === undefined
      ? {}
      : {
          "network.peer.address": String(peer).slice(0, colon),
          "network.peer.port": Number(String(peer).slice(colon + 1))
        }),
    ...(headers["user-agent"] === undefined ? {} : { "user_agent.original": headers["user-agent"] }),
    "websocket.connection.id": connection.id
  }
}

/** The same handler, with a span. */
export const traced = <A, E, R>(
  story: Effect.Effect<A, E, R>,
  path: string,
  connection: Connection,
  request: UpgradeRequest
): Effect.Effect<A, E, R> => {
  const parent = HttpTraceContext.fromHeaders(Headers.fromInput(request.headers))
  return Effect.withSpan(story, `WebSocket ${path}`, {
    kind: "server",
    attributes: attributesOf(path, connection, request),
    ...(Option.isSome(parent) ? { parent: parent.value } : {})
  })
}
