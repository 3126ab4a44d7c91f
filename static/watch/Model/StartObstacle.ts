/** Why the game of the start panel can't be started. Pure. */
import * as Either from "effect/Either"
import * as RuleText from "../../../src/Life/Universe/RuleText.ts"
import * as TopologyText from "../../../src/Life/Universe/TopologyText.ts"
import { MAX_CELLS } from "../../../src/Protocol/Control.ts"
import type { PatternEntry } from "../../../src/Protocol/PatternList.ts"
import { count } from "./Format.ts"
import type { Frame } from "./Model.ts"
import { extentOf } from "./Room.ts"
import type { Size } from "./Viewport.ts"

/** The source of the first generation, as chosen in the panel. */
export type StartSource =
  | { readonly _tag: "Random" }
  | { readonly _tag: "Drawn"; readonly frame: Frame | undefined }
  /** No pattern: the server offers none, or the page has not got them yet. */
  | { readonly _tag: "Pattern"; readonly pattern: PatternEntry | undefined; readonly isLoading: boolean }

const isCount = (value: number): boolean => Number.isInteger(value) && value > 0

const problemOfPattern = (pattern: PatternEntry | undefined, { height, width }: Size): string | undefined => {
  if (pattern === undefined) return "The server offers no patterns: choose random cells or draw some."
  const extent = extentOf(pattern)
  return extent.width > width || extent.height > height
    ? `This pattern needs ${extent.width} columns and ${extent.height} rows.`
    : undefined
}

/** The columns and rows that the living cells need, from the top left corner. */
const needs = ({ states, width }: Frame): Size => {
  const need = { width: 0, height: 0 }
  states.forEach((state, index) => {
    if (state === 0) return
    need.width = Math.max(need.width, (index % width) + 1)
    need.height = Math.floor(index / width) + 1
  })
  return need
}

const problemOfDrawing = (frame: Frame | undefined, { height, width }: Size): string | undefined => {
  if (frame?.states.includes(1) !== true) return "Draw some living cells first."
  if (frame.width <= width && frame.height <= height) return undefined
  const need = needs(frame)
  return need.width > width || need.height > height
    ? `These cells need ${count(need.width)} columns and ${count(need.height)} rows.`
    : undefined
}

/** What is wrong with the size or the first generation, as a sentence; `undefined` if nothing is. */
export const problemOfStart = (size: Size, source: StartSource): string | undefined => {
  if (!isCount(size.width) || !isCount(size.height)) return "Columns and rows must be whole numbers from 1 on."
  if (size.width * size.height > MAX_CELLS) return `A grid has at most ${count(MAX_CELLS)} cells.`
  switch (source._tag) {
    case "Random":
      return undefined
    case "Drawn":
      return problemOfDrawing(source.frame, size)
    case "Pattern":
      return source.isLoading ? "The patterns are on their way." : problemOfPattern(source.pattern, size)
  }
}

/** What is wrong with a rule, as a sentence; `undefined` if nothing is. */
export const problemOfRule = (text: string): string | undefined => {
  if (text === "") return "A rule is needed, such as B3/S23."
  const rule = RuleText.read(text)
  return Either.isLeft(rule) ? `Not a rule: ${rule.left}. Write it like B3/S23.` : undefined
}

/** What is wrong with the edges of a grid of this size, as a sentence; `undefined` if nothing is. */
export const problemOfEdges = (text: string, { height, width }: Size): string | undefined => {
  const edges = Either.flatMap(TopologyText.parse(text), (unsized) => TopologyText.sized(unsized, width, height))
  return Either.isLeft(edges) ? `Not these edges: ${edges.left.reason}.` : undefined
}
