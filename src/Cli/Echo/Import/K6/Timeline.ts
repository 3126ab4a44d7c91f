/** Converts actions with times to a sequence of steps with pauses between them. */
import type { StepText } from "../Conversion.ts"

export type Event =
  | { readonly _tag: "Step"; readonly at: number; readonly step: StepText }
  /** A pause until `at`. */
  | { readonly _tag: "Pause"; readonly at: number }
  | { readonly _tag: "Close"; readonly at: number; readonly code: number }
  /** Steps every `period` milliseconds, for the first time at `at + period`. */
  | { readonly _tag: "Every"; readonly at: number; readonly period: number; readonly steps: ReadonlyArray<StepText> }

const pause = (milliseconds: number): ReadonlyArray<StepText> =>
  milliseconds <= 0 ? [] : [{ wait: milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms` }]

/** Why events can't be written as a sequence of steps. */
export type Problem = "two at once" | "an interval within a repeat"

const closing = (code: number): StepText => ({ close: code === 1005 ? 1000 : code })

/** The steps of the events up to the first close, or why there is no sequence. */
export const sequence = (events: ReadonlyArray<Event>): ReadonlyArray<StepText> | Problem => {
  const close = events
    .filter((event) => event._tag === "Close")
    .reduce<Event | undefined>(
      (first, event) => (first === undefined || event.at < first.at ? event : first),
      undefined
    )
  const before = events
    .filter((event) => event._tag !== "Close" && (close === undefined || event.at <= close.at))
    .toSorted((a, b) => a.at - b.at)
  const steps: Array<StepText> = []
  let now = 0
  for (const [index, event] of before.entries()) {
    steps.push(...pause(event.at - now))
    now = event.at
    if (event._tag === "Step") steps.push(event.step)
    if (event._tag !== "Every") continue
    if (index < before.length - 1) return "two at once"
    const round = [...pause(event.period), ...event.steps]
    if (close === undefined) return [...steps, { repeat: { steps: round } }]
    const times = Math.ceil((close.at - now) / event.period) - 1
    if (times > 0) steps.push({ repeat: { times, steps: round } })
    now += Math.max(0, times) * event.period
  }
  if (close === undefined || close._tag !== "Close") return steps
  return [...steps, ...pause(close.at - now), closing(close.code)]
}
