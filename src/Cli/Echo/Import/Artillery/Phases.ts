/** Converts Artillery's phases to `--arrivals`: when clients come, apart from what they say (`Artillery`). */
import type { Options } from "../Conversion.ts"
import type { Field } from "./Field.ts"
import { millisecondsOf, timeOf } from "./Times.ts"

/** A rate per second, minute or hour: in the first of these units in which it has at most three decimals. */
const rateOf = (count: number, milliseconds: number): string => {
  const units = [
    [1000, "s"],
    [60_000, "m"],
    [3_600_000, "h"]
  ] as const
  const exact = units.find(([length]) => Number.isInteger((count * length * 1000) / milliseconds))
  const [length, unit] = exact ?? units[0]
  return `${Number(((count * length) / milliseconds).toFixed(6))}/${unit}`
}

const numberOf = (field: Field | undefined): number | undefined => {
  const value = Number(field?.text)
  return Number.isFinite(value) && value >= 0
    ? value
    : field?.refuse(`expected a number, found ${JSON.stringify(field.value)}`)
}

const KNOWN = ["duration", "arrivalRate", "rampTo", "arrivalCount", "maxVusers", "pause", "name"]

const stageOf = (phase: Field): string | undefined => {
  phase.allow(KNOWN, (name) => `${name} of a phase has no counterpart`)
  const pause = phase.member("pause")
  if (pause !== undefined) return `0/s for ${timeOf(pause)}`
  const duration = phase.member("duration")
  if (duration === undefined) return phase.refuse("a phase needs a duration, or a pause")
  const length = timeOf(duration)
  if (length === undefined) return undefined
  const [rate, to, count] = ["arrivalRate", "rampTo", "arrivalCount"].map((name) => numberOf(phase.member(name)))
  if (count !== undefined) return `${rateOf(count, millisecondsOf(duration) ?? 0)} for ${length}`
  if (to !== undefined) return `${rate ?? 0}->${to}/s in ${length}`
  return rate === undefined
    ? phase.refuse("a phase needs an arrivalRate, a rampTo or an arrivalCount")
    : `${rate}/s for ${length}`
}

/** The arriving clients, and the most at the same time. */
export const convertPhases = (phases: Field | undefined): Options => {
  if (phases === undefined) return []
  const stages = phases.entries.map(stageOf)
  const limits = phases.entries.map((phase) => numberOf(phase.member("maxVusers")))
  const known = limits.filter((limit) => limit !== undefined)
  if (new Set(limits).size > 1) {
    phases.note("maxVusers is not the same in all phases: --max-clients has the largest one")
  }
  return ["--arrivals", stages.join(", "), ...(known.length === 0 ? [] : ["--max-clients", String(Math.max(...known))])]
}
