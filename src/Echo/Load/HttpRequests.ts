import * as Cookies from "@effect/platform/Cookies"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { messageOf } from "../../Text/Thrown.ts"
import { connectError } from "../../WebSocket/Http/ConnectError.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { Connect } from "../Scenario/Connect.ts"
import type { HttpRequest, Requester } from "../Scenario/HttpRequest.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import { failureOf } from "./WebSocketDialer.ts"

/** Makes the requester of a scenario with these connection settings. */
export type RequesterOf = (connect: Pick<Connect, "tls">) => Requester

/** The client keeps connections open. All virtual clients share them, so there are as many as there are simultaneous requests. */
const clientOf = ({ certificates }: LoadPlan, insecure: boolean) =>
  Layer.build(
    NodeHttpClient.layerWithoutAgent.pipe(
      Layer.provide(
        NodeHttpClient.makeAgentLayer({
          keepAlive: true,
          ...certificates,
          rejectUnauthorized: !insecure
        })
      )
    )
  ).pipe(Effect.map((context) => Context.get(context, HttpClient.HttpClient)))

const MIB = 1024 * 1024

/** The most bytes of an answer's body. Messages have the same limit. */
const MAX_BODY = 16 * MIB

/** `@effect/platform` has no error type for this, only this message. */
const isTooLong = (cause: unknown): boolean => cause instanceof Error && cause.message === "maxBytes exceeded"

const toFailure = (url: URL, error: HttpClientError.HttpClientError): Failure => {
  if (isTooLong(error.cause)) {
    const kind = `an answer of more than ${MAX_BODY / MIB} MiB`
    return { cause: "http", kind, detail: `${kind} from ${url.host}` }
  }
  return error.cause instanceof Error
    ? failureOf(connectError(url, error.cause))
    : { cause: "http", kind: `no answer: ${error.reason}`, detail: error.message }
}

const answerOf = (client: HttpClient.HttpClient, request: HttpRequest) =>
  Effect.gen(function* () {
    const started = performance.now()
    const response = yield* client.execute(
      HttpClientRequest.make(request.method)(request.url).pipe(
        HttpClientRequest.setHeaders(request.headers),
        request.body === undefined
          ? (same) => same
          : HttpClientRequest.bodyText(request.body, request.headers["content-type"])
      )
    )
    const body = yield* response.text
    return {
      status: response.status,
      headers: response.headers,
      cookies: Cookies.toSetCookieHeaders(response.cookies),
      body,
      time: performance.now() - started
    }
  }).pipe(
    HttpIncomingMessage.withMaxBodySize(Option.some(MAX_BODY)),
    Effect.mapError((error) => toFailure(request.url, error)),
    // Node throws for a header that can't be sent.
    Effect.catchAllDefect((defect) => {
      const kind = "the request can't be sent"
      return Effect.fail<Failure>({ cause: "http", kind, detail: `${kind}: ${messageOf(defect)}` })
    })
  )

/** Sends requests with the `HttpClient` of the context, if there is one, or with Node's. Each request runs in a fiber. */
export const make = Effect.fn("HttpRequests.make")(function* (
  plan: LoadPlan
): Effect.fn.Return<RequesterOf, never, Scope.Scope> {
  const given = yield* Effect.serviceOption(HttpClient.HttpClient)
  const fork = Runtime.runFork(yield* Effect.runtime())
  const requesterBy = (client: HttpClient.HttpClient): Requester => {
    const untraced = HttpClient.withTracerDisabledWhen(client, () => true)
    return (request, handler) => {
      const fiber = fork(
        Effect.match(answerOf(untraced, request), {
          onSuccess: handler.onAnswer,
          onFailure: handler.onFailure
        })
      )
      return () => fiber.unsafeInterruptAsFork(FiberId.none)
    }
  }
  if (Option.isSome(given)) {
    const requester = requesterBy(given.value)
    return () => requester
  }
  const strict = requesterBy(yield* clientOf(plan, false))
  const lax = requesterBy(yield* clientOf(plan, true))
  return ({ tls }) => (tls?.insecure === true ? lax : strict)
})
