/**
 * A pattern: cells to start from, and what its file says about them.
 */
import type * as Grid from "../Universe/Grid.ts"
import type { Rule } from "../Universe/Rule.ts"
import type { Unsized } from "../Universe/TopologyText.ts"

export interface Pattern {
  /** The cells in the smallest grid that holds all the file describes, dead cells it draws included. */
  readonly grid: Grid.Grid
  /** The pattern's name and its author or discoverer. */
  readonly name?: string
  readonly author?: string
  /** Comment lines, without their marks. */
  readonly comments: ReadonlyArray<string>
  /** The rule and the topology the file asks for. */
  readonly rule?: Rule
  readonly topology?: Unsized
}

export const make = (grid: Grid.Grid, about: Partial<Omit<Pattern, "grid">> = {}): Pattern => ({
  comments: [],
  ...about,
  grid
})
