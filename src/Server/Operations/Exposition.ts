/** What `/metrics` answers. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import { identity } from "effect/Function"

/** From the text of this process's metrics to the text that is answered: where several processes serve, that of all. */
export class Exposition extends Context.Reference<Exposition>()("effect-c10k/Server/Exposition", {
  defaultValue: (): ((own: Effect.Effect<string>) => Effect.Effect<string>) => identity
}) {}
