import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as RemoteWrite from "../../../Echo/Report/RemoteWrite.ts"
import * as Samples from "../../../Echo/Report/Samples.ts"
import { UserError } from "../../UserError.ts"
import type { Sink } from "./Sink.ts"

const REQUEST_TIMEOUT = "5 seconds"

/** Sends samples to Prometheus or a server with the same API. `url` is the endpoint of the receiver. */
export const make = Effect.fn("RemoteWriteSink.make")(function* (name: string, url: string) {
  const client = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
  const request = HttpClientRequest.post(url, { headers: RemoteWrite.headers })
  const labels = { job: "effect-c10k-echo", instance: `${process.pid}` }
  return {
    name,
    write: (observation, at) =>
      client
        .execute(
          HttpClientRequest.bodyUint8Array(
            request,
            RemoteWrite.encode(Samples.of(observation), labels, at),
            RemoteWrite.headers["content-type"]
          )
        )
        .pipe(
          Effect.timeout(REQUEST_TIMEOUT),
          Effect.mapError(({ message }) => UserError.of(message)),
          Effect.asVoid
        )
  } satisfies Sink
}, Effect.provide(FetchHttpClient.layer))
