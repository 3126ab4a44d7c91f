/** What programs that look after the server ask it: whether it lives, whether it takes clients, and its figures. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import { Admission } from "../Access/Admission.ts"
import { Metrics } from "../Operations/Metrics.ts"
import * as PrometheusText from "../Operations/PrometheusText.ts"

const noStore = { headers: { "cache-control": "no-store" } }

const readiness = Effect.map(Admission, (admission) =>
  admission.unsafeIsReady()
    ? HttpServerResponse.text("ready\n", noStore)
    : HttpServerResponse.text("not accepting clients\n", { ...noStore, status: 503 })
)

const metrics = Effect.map(
  Effect.flatMap(Metrics, ({ snapshot }) => snapshot),
  (pairs) =>
    HttpServerResponse.text(PrometheusText.render(pairs), { ...noStore, contentType: PrometheusText.contentType })
)

export const router = HttpRouter.empty.pipe(
  HttpRouter.get("/healthz", HttpServerResponse.text("ok\n", noStore)),
  HttpRouter.get("/readyz", readiness),
  HttpRouter.get("/metrics", metrics)
)
