import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BenchError } from "./BenchError.ts"
import type { Contender } from "./Contender.ts"
import type { Figures, Metric } from "./Metric.ts"

/** The conditions of a measurement, and their place on the horizontal axis of a growth curve. */
export interface Point {
  readonly title: string
  readonly x?: number
}

/** One measurement of one or several points. It fails if the contender made an error. */
export interface Case {
  readonly points: ReadonlyArray<Point>
  readonly takesPart: (contender: Contender) => boolean
  /** Returns figures for each point. */
  readonly measure: (contender: Contender) => Effect.Effect<ReadonlyArray<Figures>, BenchError, Scope.Scope>
}

export const connections = (count: number): Point => ({
  title: `${count.toLocaleString("en")} connections`,
  x: count
})

/** How much work to do: all of it, or only enough to show that the benchmark works. */
export type Scale = "full" | "quick"

export interface Scenario {
  readonly name: string
  readonly title: string
  /** One paragraph for readers of the figures about what is done and checked. */
  readonly about: string
  /** The chart shows the first one. */
  readonly metrics: ReadonlyArray<Metric>
  /** Contenders that only this scenario has. */
  readonly also?: ReadonlyArray<Contender>
  /** Other ways to run a contender, which are measured too. */
  readonly variants?: (contender: Contender) => ReadonlyArray<Contender>
  /** Installs the tools for the measurement, if they are missing. */
  readonly prepare?: Effect.Effect<unknown, BenchError>
  /** Whether it is measured only if it is named. */
  readonly isRare?: boolean
  readonly cases: (scale: Scale) => ReadonlyArray<Case>
}
