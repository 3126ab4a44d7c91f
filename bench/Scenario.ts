import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BenchError } from "./BenchError.ts"
import type { Contender } from "./Contender.ts"
import type { Figures, Metric } from "./Metric.ts"

/** One measurement under given circumstances; it fails when what it measured was not right. */
export interface Case {
  readonly title: string
  /** Its place on the horizontal axis, when the cases of the scenario are a growth curve. */
  readonly x?: number
  readonly takesPart: (contender: Contender) => boolean
  readonly measure: (contender: Contender) => Effect.Effect<Figures, BenchError, Scope.Scope>
}

/** How much work to do: everything, or so little that it only shows whether the benchmark works. */
export type Scale = "full" | "quick"

export interface Scenario {
  readonly name: string
  readonly title: string
  /** One paragraph for readers of the figures: what is done, what is checked. */
  readonly about: string
  /** The first one is the one that is charted. */
  readonly metrics: ReadonlyArray<Metric>
  /** Contenders that only this scenario has. */
  readonly also?: ReadonlyArray<Contender>
  readonly cases: (scale: Scale) => ReadonlyArray<Case>
}
