import * as OtlpMetrics from "@effect/opentelemetry/OtlpMetrics"
import * as OtlpSerialization from "@effect/opentelemetry/OtlpSerialization"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Samples from "../../../Echo/Report/Samples.ts"
import { about } from "../../About.ts"
import { UserError } from "../../UserError.ts"
import { SampleMetrics } from "./SampleMetrics.ts"
import type { Sink } from "./Sink.ts"

/** Sends an empty request, because the exporter itself reports no error if nothing listens there. */
const check = (name: string, url: string) =>
  Effect.flatMap(HttpClient.HttpClient, (client) =>
    HttpClientRequest.bodyJson(HttpClientRequest.post(url), { resourceMetrics: [] }).pipe(
      Effect.flatMap(HttpClient.filterStatusOk(client).execute),
      Effect.timeout("5 seconds"),
      Effect.mapError((error) =>
        UserError.of(`--stream ${name}: ${error instanceof Error ? error.message : error._tag}`)
      )
    )
  )

/** Exports samples by OTLP over HTTP in JSON, each second and at the end. `url` is the endpoint for metrics, such as `http://localhost:4318/v1/metrics`. */
export const make = Effect.fn("Otlp.make")(function* (name: string, url: string) {
  yield* check(name, url)
  const metrics = new SampleMetrics()
  yield* Layer.build(
    OtlpMetrics.layer({
      url,
      resource: { serviceName: "effect-c10k-echo", serviceVersion: about.version },
      exportInterval: "1 second"
    }).pipe(Layer.provide(OtlpSerialization.layerJson))
  )
  return {
    name,
    write: (observation) => Effect.sync(() => metrics.unsafePublish(Samples.of(observation)))
  } satisfies Sink
}, Effect.provide(FetchHttpClient.layer))
