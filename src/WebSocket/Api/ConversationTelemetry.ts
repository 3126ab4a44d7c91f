/**
 * The telemetry of a server's conversation: a span for as long as it lasts, if there is a tracer, and annotations that
 * tell which connection a log line of its handler belongs to. Single messages are not recorded.
 */
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import type { Connection } from "../Connection/Connection.ts"
import type { UpgradeRequest } from "../Http/Endpoint.ts"

/** The connection of a handler, while the handler runs. */
class CurrentConnection extends Context.Tag("effect-c10k/WebSocket/CurrentConnection")<
  CurrentConnection,
  Connection
>() {}

/** The service that a handler gets in addition to those that it requires. */
export const identity = (connection: Connection): Context.Context<never> => Context.make(CurrentConnection, connection)

/** Adds the connection's annotations to a log line. Keeping them in each fiber would take 4 KB. */
const annotated = (options: Logger.Logger.Options<unknown>): Logger.Logger.Options<unknown> => {
  const current = Context.getOption(FiberRefs.getOrDefault(options.context, FiberRef.currentContext), CurrentConnection)
  if (Option.isNone(current)) return options
  let { annotations } = options
  for (const [name, value] of Object.entries(current.value.annotations)) {
    if (!HashMap.has(annotations, name)) annotations = HashMap.set(annotations, name, value)
  }
  return { ...options, annotations }
}

/** The same runtime, with loggers that annotate the connections of handlers. */
export const withIdentities = <R>(runtime: Runtime.Runtime<R>): Runtime.Runtime<R> => {
  const loggers = FiberRefs.getOrDefault(runtime.fiberRefs, FiberRef.currentLoggers)
  return Runtime.setFiberRef(
    runtime,
    FiberRef.currentLoggers,
    HashSet.map(loggers, (logger) => Logger.mapInputOptions(logger, annotated))
  )
}

/** Whether there is a tracer that exports spans. Effect's default tracer makes them and exports nothing. */
export const isTraced = Effect.map(
  Effect.tracer,
  (tracer) => tracer !== Context.get(DefaultServices.liveServices, Tracer.Tracer)
)

/** The query of a url without its values: browsers can set no header, so tokens are sent in the query. */
export const redacted = (query: string): string => query.replace(/=[^&]*/g, "=REDACTED")

/** The attributes of the peer, and the connection's id. */
export const peerOf = (connection: Connection) => {
  const { peer } = connection.annotations
  const colon = String(peer ?? "").lastIndexOf(":")
  return {
    ...(peer === undefined
      ? {}
      : {
          "network.peer.address": String(peer).slice(0, colon),
          "network.peer.port": Number(String(peer).slice(colon + 1))
        }),
    "websocket.connection.id": connection.id
  }
}

/** Attributes by OpenTelemetry's semantic conventions for HTTP. The span begins with the handshake. */
const attributesOf = (
  path: string | undefined,
  connection: Connection,
  { headers, url }: Pick<UpgradeRequest, "headers" | "url">
) => {
  const [urlPath = "", query] = url.split("?", 2)
  return {
    "http.request.method": "GET",
    "http.response.status_code": 101,
    ...(path === undefined ? {} : { "http.route": path }),
    "url.path": urlPath,
    ...(query === undefined ? {} : { "url.query": redacted(query) }),
    "network.protocol.name": "websocket",
    ...(headers["user-agent"] === undefined ? {} : { "user_agent.original": headers["user-agent"] }),
    ...peerOf(connection)
  }
}

/** The handler, with a span around it. */
export const traced = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  path: string,
  connection: Connection,
  request: UpgradeRequest
): Effect.Effect<A, E, R> => {
  const parent = HttpTraceContext.fromHeaders(request.headers)
  return Effect.withSpan(program, `WebSocket ${path}`, {
    kind: "server",
    attributes: attributesOf(path, connection, request),
    ...(Option.isSome(parent) ? { parent: parent.value } : {})
  })
}

/**
 * Annotates the log and starts a span for a request of an HTTP app that becomes a conversation, until the scope ends.
 * The span is a child of the request's. `path` is the path of its route, if it has one.
 */
export const observe = (
  path: string | undefined,
  connection: Connection,
  request: Pick<UpgradeRequest, "headers" | "url">
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    yield* Effect.annotateLogsScoped({ ...connection.annotations, ...(path === undefined ? {} : { path }) })
    if (!(yield* isTraced)) return
    const current = yield* Effect.option(Effect.currentParentSpan)
    const parent = Option.orElse(current, () => HttpTraceContext.fromHeaders(request.headers))
    const span = yield* Effect.makeSpanScoped(path === undefined ? "WebSocket" : `WebSocket ${path}`, {
      kind: "server",
      attributes: attributesOf(path, connection, request),
      ...(Option.isSome(parent) ? { parent: parent.value } : {})
    })
    // The handler goes on in this fiber, and its spans are children of this one.
    yield* FiberRef.update(FiberRef.currentContext, Context.add(Tracer.ParentSpan, span))
  })
