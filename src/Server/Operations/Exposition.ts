/** The answer of `/metrics`. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import { identity } from "effect/Function"

/** Makes the answer to a scrape from this process's metrics. With several processes it has the metrics of all. */
export class Exposition extends Context.Reference<Exposition>()("effect-c10k/Server/Exposition", {
  defaultValue: (): ((own: Effect.Effect<string>) => Effect.Effect<string>) => identity
}) {}
