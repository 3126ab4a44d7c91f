/** The part of a recording that is played: its states from one step to another. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RecordedFrames from "../../Life/Referee/RecordedFrames.ts"
import type * as Grid from "../../Life/Universe/Grid.ts"
import * as Output from "../Output.ts"
import { UserError } from "../UserError.ts"
import * as RecordingFile from "./RecordingFile.ts"

export interface Reel {
  /** The file or url, for messages. */
  readonly source: string
  readonly game: RecordingFile.Recording["game"]
  /** The first step that is asked for and whole, and the last that is asked for. */
  readonly from: number
  readonly to: number
  /** The states of these steps, in their order. */
  readonly groups: () => Iterable<RecordingFile.Group>
}

export type Group = RecordingFile.Group

interface ReelOptions {
  readonly from: Option.Option<number>
  readonly to: Option.Option<number>
  /** The file with the certificates that are trusted, for a server's url. */
  readonly ca: Option.Option<string>
}

const groupsWithin = function* (
  { groups }: RecordingFile.Recording,
  from: number,
  to: number
): Iterable<RecordingFile.Group> {
  for (const { states, time } of groups()) {
    const within = states.filter(([, step]) => step >= from && step <= to)
    if (within.length > 0) yield { time, states: within }
  }
}

/** The states of all groups. */
const statesOf = function* (groups: Iterable<RecordingFile.Group>): Iterable<RecordedFrames.RecordedState> {
  for (const { states } of groups) yield* states
}

/** A reader of a recording may find damage in its middle. */
export const through = <A>({ source }: Pick<Reel, "source">, read: () => A): Effect.Effect<A, UserError> =>
  Effect.try({ try: read, catch: (error) => RecordingFile.damaged(source, error) })

export const open = Effect.fn("Reel.open")(function* (source: string, options: ReelOptions) {
  const recording = yield* RecordingFile.load(source, options.ca)
  const { game } = recording
  if (recording.rest > 0) yield* Output.note(`${source} was cut off: its last ${recording.rest} bytes are left out`)
  const first = yield* through({ source }, () =>
    RecordedFrames.firstStep(game.width * game.height, statesOf(recording.groups()))
  )
  if (first === undefined) {
    return yield* new UserError({ message: `${source} has no whole step: not all of its cells have spoken` })
  }
  const from = Math.max(
    first,
    Option.getOrElse(options.from, () => 0)
  )
  const to = Option.getOrElse(options.to, () => Number.POSITIVE_INFINITY)
  if (from > to) return yield* new UserError({ message: `--to ${to}: expected a step from ${from} on` })
  const reel: Reel = { source, game, from, to, groups: () => groupsWithin(recording, from, to) }
  return reel
})

/** Milliseconds of work between turns of the event loop, in which signals are heard. */
const SLICE = 50

/** Goes through all groups. */
export const each = Effect.fn("Reel.each")(function* (reel: Reel, use: (group: Group) => void) {
  const groups = reel.groups()[Symbol.iterator]()
  /** Whether that was the last of them. */
  const slice = (): boolean => {
    const end = performance.now() + SLICE
    for (let next = groups.next(); next.done !== true; next = groups.next()) {
      use(next.value)
      if (performance.now() > end) return false
    }
    return true
  }
  yield* Effect.repeat(Effect.zipLeft(through(reel, slice), Effect.sleep(0)), { until: (isOver) => isOver })
})

interface WholeStep {
  readonly step: number
  readonly grid: Grid.Grid
}

/** The whole step of this number, or the last one before it. */
export const wholeStep = Effect.fn("Reel.wholeStep")(function* (reel: Reel, wanted: number) {
  const found = yield* through(reel, () => {
    let last: WholeStep | undefined
    RecordedFrames.each(reel.game, statesOf(reel.groups()), reel.from, (step, { cells, height, width }) => {
      last = { step, grid: { width, height, cells: cells.slice() } }
      return step < wanted
    })
    return last
  })
  if (found === undefined)
    return yield* new UserError({ message: `${reel.source} has no whole step from ${reel.from} on` })
  return found
})
