/** A pattern: the cells to start from, and the information in its file. */
import type * as Grid from "../Universe/Grid.ts"
import type { Rule } from "../Universe/Rule.ts"
import type { Unsized } from "../Universe/TopologyText.ts"

export interface Pattern {
  /** The smallest grid that contains all cells of the file, including the dead cells that it draws. */
  readonly grid: Grid.Grid
  /** The pattern's name and its author or discoverer. */
  readonly name?: string
  readonly author?: string
  /** Comment lines, without their marks. */
  readonly comments: ReadonlyArray<string>
  /** The rule and the topology that the file asks for. */
  readonly rule?: Rule
  readonly topology?: Unsized
}

export const make = (grid: Grid.Grid, about: Partial<Omit<Pattern, "grid">> = {}): Pattern => ({
  comments: [],
  ...about,
  grid
})
