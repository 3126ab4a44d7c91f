import { createServer } from "node:http"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Samples from "../../../Echo/Report/Samples.ts"
import * as PrometheusText from "../../../Server/Operations/PrometheusText.ts"
import * as Authority from "../../../Text/Authority.ts"
import { ListenError } from "../../../WebSocket/Http/HttpListener.ts"
import * as Output from "../../Output.ts"
import { UserError } from "../../UserError.ts"
import { SampleMetrics } from "./SampleMetrics.ts"
import type { Sink } from "./Sink.ts"

const page = Effect.map(Metric.snapshot, (pairs) =>
  HttpServerResponse.text(PrometheusText.render(pairs), {
    headers: { "cache-control": "no-store" },
    contentType: PrometheusText.CONTENT_TYPE
  })
)

export const make = Effect.fn("PrometheusPage.make")(function* (name: string, { host, port }: Authority.Authority) {
  const metrics = new SampleMetrics()
  const serving = HttpServer.serve(HttpRouter.empty.pipe(HttpRouter.get("/metrics", page))).pipe(
    Layer.provideMerge(NodeHttpServer.layerServer(() => createServer(), { host, port }))
  )
  const context = yield* Layer.build(serving).pipe(
    Effect.mapError(({ cause }) => {
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)
      return UserError.of(`--stream ${name}: ${new ListenError({ host, port, code }).message}`)
    })
  )
  const { address } = Context.get(context, HttpServer.HttpServer)
  const bound = address._tag === "TcpAddress" ? address.port : port
  yield* Output.note(`Metrics at http://${Authority.format({ host, port: bound })}/metrics`)
  return {
    name,
    write: (observation) => Effect.sync(() => metrics.unsafePublish(Samples.of(observation)))
  } satisfies Sink
})
