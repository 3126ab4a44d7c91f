/**
 * A proxy between clients and a server: it forwards HTTP requests and WebSockets, and records the messages of the
 * WebSockets.
 */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { connect } from "../../../WebSocket/Api/ConversationClient.ts"
import { upgrade } from "../../../WebSocket/Api/UpgradableRequest.ts"
import type { Conversation } from "../../../WebSocket/Conversation/Conversation.ts"
import { CloseCode } from "../../../WebSocket/Frames/CloseCode.ts"
import * as Output from "../../Output.ts"
import type { UserError } from "../../UserError.ts"
import { type Headers, subprotocolsOf, withoutOwn, worthKeeping } from "./Handshake.ts"
import type { Recorder } from "./Recorder.ts"
import type { Side } from "./Recording.ts"

/** The headers to pass on to the target. If a page was loaded through the proxy, its origin is replaced by the target's. */
const onwards = (headers: Headers, target: URL): Record<string, string> => {
  const passed = withoutOwn(headers)
  const { host } = headers
  const own = `${target.protocol === "wss:" ? "https:" : "http:"}//${target.host}`
  const isOurs = passed["origin"] !== undefined && host !== undefined && passed["origin"].endsWith(`//${host}`)
  return isOurs ? { ...passed, origin: own } : passed
}

/** The target's URL for a request: with the path and query of the request, or the target itself for `/`. */
const targetOf = (target: URL, path: string): URL => {
  if (path === "/") return target
  const url = new URL(path, target)
  url.username = target.username
  url.password = target.password
  return url
}

type Recorded = Effect.Effect.Success<ReturnType<Recorder["open"]>>

/** Passes on the messages and the close of one side. */
const pass = (by: Side, from: Conversation, to: Conversation, recorded: Recorded) =>
  from
    .forEach((message) => Effect.zipRight(recorded.message(by, message), Effect.ignore(to.send(message))))
    .pipe(Effect.tap((close) => Effect.zipRight(recorded.end(by, close), to.close(close.code, close.reason))))

const badGateway = (text: string) => HttpServerResponse.text(`${text}\n`, { status: 502 })

export interface Options {
  readonly target: URL
  readonly ca: string | undefined
  readonly recorder: Recorder
  /** Completed when the recording must end. Then the clients are closed. */
  readonly stopping: Deferred.Deferred<void>
  /** Fails when a file can't be written. */
  readonly failed: Deferred.Deferred<never, UserError>
}

const webSocket = Effect.fn("RecordingProxy.webSocket")(function* (
  { ca, failed, recorder, stopping, target }: Options,
  { headers, url: path }: HttpServerRequest.HttpServerRequest
) {
  const url = targetOf(target, path)
  const protocols = subprotocolsOf(headers)
  const passed = onwards(headers, target)
  const server = yield* connect({ url, protocols, headers: passed, ...(ca === undefined ? {} : { ca }) })
  const client = yield* upgrade(server.protocol === undefined ? {} : { protocols: [server.protocol] })
  const recording = Effect.gen(function* () {
    const recorded = yield* recorder.open({
      from: `${url.origin}${url.pathname}`,
      url: url.href,
      headers: worthKeeping(passed),
      subprotocols: protocols
    })
    const sendAway = Effect.zipRight(Deferred.await(stopping), client.close(CloseCode.GoingAway, "going away"))
    yield* Effect.forkScoped(sendAway)
    yield* Effect.all([pass("client", client, server, recorded), pass("server", server, client, recorded)], {
      concurrency: "unbounded"
    })
  }).pipe(Effect.scoped)
  yield* Effect.catchAll(recording, (error) => Deferred.fail(failed, error))
  return HttpServerResponse.empty()
})

/** Forwards a request for a page, so that a browser can load the page through the proxy and its scripts connect to the proxy too. */
const page = Effect.fn("RecordingProxy.page")(function* (target: URL, request: HttpServerRequest.HttpServerRequest) {
  const url = new URL(request.url, target)
  url.protocol = target.protocol === "wss:" ? "https:" : "http:"
  const client = yield* HttpClient.HttpClient
  const hasBody = request.method !== "GET" && request.method !== "HEAD"
  const answer = yield* client.execute(
    HttpClientRequest.make(request.method)(url, {
      headers: onwards(request.headers, target),
      ...(hasBody ? { body: HttpBody.stream(request.stream) } : {})
    })
  )
  return HttpServerResponse.stream(answer.stream, {
    status: answer.status,
    headers: withoutOwn(answer.headers)
  })
})

/** Answers every request like the target. */
export const app = (options: Options) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { target } = options
    if (request.headers["upgrade"]?.toLowerCase() !== "websocket") {
      return yield* Effect.catchAll(page(target, request), ({ message }) => badGateway(`${target.host}: ${message}`))
    }
    return yield* Effect.catchTags(webSocket(options, request), {
      ConnectError: ({ message }) => Effect.as(Output.note(message), badGateway(message)),
      RequestError: ({ message }) => HttpServerResponse.text(`${message}\n`, { status: 400 })
    })
  })
