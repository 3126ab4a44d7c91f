/** Formats the progress of a game as a line and as a JSON object. */
import type { GameProgress } from "../../Life/Game/GameProgress.ts"
import type { Ending } from "../../Life/Referee/Ending.ts"
import * as Count from "../../Text/Count.ts"

export type ProgressPhase = "connecting" | "subscribing" | "starting" | "running" | "reconnecting"

export const phaseOf = ({ cells, connected, running, step, subscribed }: GameProgress): ProgressPhase => {
  // A game that is taken over runs before all its cells have connected.
  if (running && (step >= 0 || subscribed === cells)) return subscribed < cells ? "reconnecting" : "running"
  if (connected < cells) return "connecting"
  return subscribed < cells ? "subscribing" : "starting"
}

export const formatRate = (stepsPerSecond: number): string => `${stepsPerSecond.toFixed(1)} steps/s`

/** `, 19 s left`: how long the other steps take at this rate. */
const left = (steps: number, stepsPerSecond: number): string => {
  const seconds = Math.ceil(steps / stepsPerSecond)
  if (!Number.isFinite(seconds) || seconds <= 0) return ""
  return seconds < 120 ? `, ${seconds} s left` : `, ${Math.ceil(seconds / 60)} min left`
}

/** One line: `step 123 of 500   211 alive   25.0 steps/s, 16 s left`. `last` is the last step; Infinity for a game without end. */
export const line = (progress: GameProgress, stepsPerSecond: number, last = Number.POSITIVE_INFINITY): string => {
  const { cells, connected, population, step, subscribed } = progress
  const now = Math.max(0, step)
  const of = Number.isFinite(last) ? ` of ${Count.format(last)}` : ""
  const steps = `step ${Count.format(now)}${of}   ${Count.format(population)} alive`
  switch (phaseOf(progress)) {
    case "connecting":
      return `connecting: ${Count.format(connected)} of ${Count.format(cells)} cells`
    case "subscribing":
      return `subscribing: ${Count.format(subscribed)} of ${Count.format(cells)} cells`
    case "starting":
      return `subscribed: ${Count.format(cells)} cells are waiting for the server to start the game`
    case "reconnecting":
      return `${steps}   connection lost: ${Count.format(connected)} of ${Count.format(cells)} cells are connected again`
    case "running":
      return `${steps}   ${formatRate(stepsPerSecond)}${left(last - now, stepsPerSecond)}`
  }
}

/** The version of the JSON objects. It increases when a member changes its meaning or is removed. */
const FORMAT = 2

/** The same as an object for JSON. */
export const figures = (progress: GameProgress, stepsPerSecond: number) => {
  const { cells, connected, population, reconnected, step, subscribed } = progress
  return {
    ...{ format: FORMAT, phase: phaseOf(progress), step, population, cells, connected, subscribed, reconnected },
    stepsPerSecond: Math.round(stepsPerSecond * 10) / 10
  }
}

export const describeEnding = ({ kind, period, since }: Ending): string => {
  switch (kind) {
    case "dead":
      return "all cells are dead"
    case "still":
      return `nothing has changed since step ${Count.format(since)}`
    case "periodic":
      return `the same as step ${Count.format(since)}: period ${Count.format(period)}`
  }
}
