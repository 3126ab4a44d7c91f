/**
 * The kind of a pattern of the library, as its first comment line says it: `Oscillator, period 3.`,
 * `Spaceship, period 4, speed c/4 diagonal.`, `Methuselah, 1103 steps.`
 */
import type { Pattern } from "./Pattern.ts"

export interface PatternInfo {
  /** The name to ask for it by. */
  readonly name: string
  /** The name people know it by. */
  readonly title: string
  readonly author?: string
  readonly width: number
  readonly height: number
  /** "Still life", "Oscillator", "Spaceship", "Gun", ...; empty if the file does not say. */
  readonly kind: string
  /** Steps after which it is the same again, wherever it is then. */
  readonly period?: number
  /** Steps until it is dead, or ash. */
  readonly lifespan?: number
  /** As fractions of a cell a step: `c/4 diagonal`. */
  readonly speed?: string
  /** Everything else the file says of it. */
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
