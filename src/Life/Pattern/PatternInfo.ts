/**
 * Facts about a pattern of the library. They are read from the first comment line of its file, such as `Oscillator, period 3.`,
 * `Spaceship, period 4, speed c/4 diagonal.` or `Methuselah, 1103 steps.`
 */
import type { Pattern } from "./Pattern.ts"

export interface PatternInfo {
  /** The name in the library, for `-p`. */
  readonly name: string
  /** The full name of the pattern. */
  readonly title: string
  readonly author?: string
  readonly width: number
  readonly height: number
  /** "Still life", "Oscillator", "Spaceship", "Gun", ...; empty if the file does not say. */
  readonly kind: string
  /** The steps after which the pattern looks the same again, possibly at another place. */
  readonly period?: number
  /** The steps until the pattern is dead or settled. */
  readonly lifespan?: number
  /** The speed as a part of one cell per step: `c/4 diagonal`. */
  readonly speed?: string
  /** All other comments of the file. */
  readonly explanation: ReadonlyArray<string>
}

const summary = /^([A-Z][a-z]+(?: [a-z]+)?)((?:, .+)?)\.$/

export const make = (name: string, pattern: Pattern): PatternInfo => {
  const [first, ...others] = pattern.comments
  const match = summary.exec(first ?? "")
  const facts = match?.[2] ?? ""
  const period = /, period (\d+)/.exec(facts)?.[1]
  const lifespan = /, (\d+) steps/.exec(facts)?.[1]
  const speed = /, speed ([^,]+)/.exec(facts)?.[1]
  return {
    name,
    title: pattern.name ?? name,
    ...(pattern.author === undefined ? {} : { author: pattern.author }),
    width: pattern.grid.width,
    height: pattern.grid.height,
    kind: match?.[1] ?? "",
    ...(period === undefined ? {} : { period: Number(period) }),
    ...(lifespan === undefined ? {} : { lifespan: Number(lifespan) }),
    ...(speed === undefined ? {} : { speed }),
    explanation: match === null ? pattern.comments : others
  }
}
