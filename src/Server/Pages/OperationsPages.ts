/**
 * Answers for monitoring: whether the server runs (`/healthz`), whether it accepts clients (`/readyz`), and its metrics
 * (`/metrics`).
 */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { AdmissionPolicy } from "../Access/AdmissionPolicy.ts"
import { Game } from "../Game/Game.ts"
import { Exposition } from "../Operations/Exposition.ts"
import { Metrics } from "../Operations/Metrics.ts"
import * as PrometheusText from "../Operations/PrometheusText.ts"

const noStore = { headers: { "cache-control": "no-store" } }

/** A node that is more than this number of milliseconds behind the log is not ready for clients. */
const BEHIND = 2000

const problemOf = (
  admission: Context.Tag.Service<AdmissionPolicy>,
  game: Context.Tag.Service<Game>
): string | undefined => {
  if (!admission.unsafeIsReady()) return "not accepting clients"
  const { behind, connected } = game.unsafeHealth()
  if (!connected) return "the log of the game can't be reached"
  return behind > BEHIND ? `${Math.round(behind / 1000)} s behind the log of the game` : undefined
}

const readiness = Effect.map(Effect.all([AdmissionPolicy, Game]), ([admission, game]) => {
  const problem = problemOf(admission, game)
  return problem === undefined
    ? HttpServerResponse.text("ready\n", noStore)
    : HttpServerResponse.text(`${problem}\n`, { ...noStore, status: 503 })
})

const metrics = Effect.gen(function* () {
  const { text } = yield* Metrics
  const exposition = yield* Exposition
  return HttpServerResponse.text(yield* exposition(text), { ...noStore, contentType: PrometheusText.contentType })
})

export const router = HttpRouter.empty.pipe(
  HttpRouter.get("/healthz", HttpServerResponse.text("ok\n", noStore)),
  HttpRouter.get("/readyz", readiness),
  HttpRouter.get("/metrics", metrics)
)
