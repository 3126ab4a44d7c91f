/**
 * Answers for monitoring: whether the server runs (`/healthz`), whether it accepts clients (`/readyz`), and its metrics
 * (`/metrics`). Answers that programs read are added here, those for people in `Pages`.
 */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import { AdmissionPolicy } from "../Access/AdmissionPolicy.ts"
import { Game } from "../Game/Game.ts"
import { type FoldHealth, Games } from "../Games/Games.ts"
import { Exposition } from "../Operations/Exposition.ts"
import { Metrics } from "../Operations/Metrics.ts"
import * as PrometheusText from "../Operations/PrometheusText.ts"

const noStore = { headers: { "cache-control": "no-store" } }

/** A node that is more than this number of milliseconds behind the log is not ready for clients. */
const BEHIND = 2000

/** What keeps this node from acting on a log as it is now. */
const problemOfLog = ({ behind, connected, continuous, failed, isNewest = true }: FoldHealth): string | undefined => {
  if (failed) return "could not be read further"
  if (!connected) return "can't be reached"
  if (!continuous) return "was not read without a gap: waiting for a snapshot"
  if (!isNewest) return "has a newer reset than this node knows of: restart it"
  return behind > BEHIND ? `is ${Math.round(behind / 1000)} s ahead of this node` : undefined
}

/** Why this node is not ready for clients, or `undefined` if it is. */
export const problemOf = (
  admission: Pick<AdmissionPolicy["Type"], "unsafeIsReady">,
  game: Pick<Game["Type"], "unsafeHealth">,
  games: Pick<Games["Type"], "unsafeHealth">
): string | undefined => {
  if (!admission.unsafeIsReady()) return "not accepting clients"
  for (const [name, health] of [["the log of the game", game.unsafeHealth()] as const, ...games.unsafeHealth()]) {
    const problem = problemOfLog(health)
    if (problem !== undefined) return `${name} ${problem}`
  }
  return undefined
}

const readiness = Effect.map(Effect.all([AdmissionPolicy, Game, Games]), ([admission, game, games]) => {
  const problem = problemOf(admission, game, games)
  return problem === undefined
    ? HttpServerResponse.text("ready\n", noStore)
    : HttpServerResponse.text(`${problem}\n`, { ...noStore, status: 503 })
})

const metrics = Effect.gen(function* () {
  const { text } = yield* Metrics
  const exposition = yield* Exposition
  return HttpServerResponse.text(yield* exposition(text), { ...noStore, contentType: PrometheusText.CONTENT_TYPE })
})

export const router = HttpRouter.empty.pipe(
  HttpRouter.get("/healthz", HttpServerResponse.text("ok\n", noStore)),
  HttpRouter.get("/readyz", readiness),
  HttpRouter.get("/metrics", metrics)
)
