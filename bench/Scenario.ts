import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BenchError } from "./BenchError.ts"
import type { Contender } from "./Contender.ts"
import type { Figures, Metric } from "./Metric.ts"

/** The conditions of a measurement, and their place on the horizontal axis when they make a growth curve. */
export interface Point {
  readonly title: string
  readonly x?: number
}

/** One measurement, of one point or of several in a row; it fails when what it measured was not right. */
export interface Case {
  readonly points: ReadonlyArray<Point>
  readonly takesPart: (contender: Contender) => boolean
  /** As many figures as points. */
  readonly measure: (contender: Contender) => Effect.Effect<ReadonlyArray<Figures>, BenchError, Scope.Scope>
}

export const connections = (count: number): Point => ({
  title: `${count.toLocaleString("en")} connections`,
  x: count
})

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
  /** Other ways to run a contender, which are measured beside it. */
  readonly variants?: (contender: Contender) => ReadonlyArray<Contender>
  /** Installs what it measures with, unless that is there. */
  readonly prepare?: Effect.Effect<unknown, BenchError>
  /** Measured only when it is named, not with all. */
  readonly isRare?: boolean
  readonly cases: (scale: Scale) => ReadonlyArray<Case>
}
