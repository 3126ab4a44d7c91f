/** The part of a recording to play: its states from one step to another. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RecordedFrames from "../../Life/Referee/RecordedFrames.ts"
import type { Frame } from "../Game/GameRun.ts"
import * as Output from "../Output.ts"
import { UserError } from "../UserError.ts"
import type { BlockPosition } from "./Positions.ts"
import * as RecordingFile from "./RecordingFile.ts"
import type { ReplayOptions } from "./ReplayOptions.ts"

/** Its `groups` have only the states of these steps. */
export interface RecordingRange extends RecordingFile.Recording {
  /** The file or URL, for messages. */
  readonly source: string
  /** The first step to play, which is complete, and the last one. */
  readonly from: number
  readonly to: number
  /** The first complete step of the whole recording. */
  readonly begin: RecordingFile.Moment
}

const groupsWithin = function* (
  { groups }: RecordingFile.Recording,
  from: number,
  to: number,
  position?: BlockPosition
): Iterable<RecordingFile.Group | undefined> {
  for (const group of groups(position)) {
    if (group === undefined || (group.least >= from && group.greatest <= to)) {
      yield group
      continue
    }
    const { cells, states, steps, time } = group
    const isWithin = (_: number, at: number) => steps[at]! >= from && steps[at]! <= to
    const within = { cells: cells.filter(isWithin), states: states.filter(isWithin), steps: steps.filter(isWithin) }
    if (within.cells.length > 0) yield RecordingFile.groupOf(within, time)
  }
}

const whole = function* (groups: Iterable<RecordingFile.Group | undefined>): Iterable<RecordingFile.Group> {
  for (const group of groups) if (group !== undefined) yield group
}

/** Runs `read`. Damage in the recording becomes a `UserError`. */
export const through = <A>({ source }: Pick<RecordingRange, "source">, read: () => A): Effect.Effect<A, UserError> =>
  Effect.try({ try: read, catch: (error) => RecordingFile.damaged(source, error) })

export const open = Effect.fn("RecordingRange.open")(function* (
  source: string,
  options: Pick<ReplayOptions, "from" | "to" | "ca">
) {
  const recording = yield* RecordingFile.load(source, options.ca)
  const { game } = recording
  if (recording.rest > 0) yield* Output.note(`${source} is incomplete: its last ${recording.rest} bytes are ignored`)
  let began = 0
  const timed = function* () {
    for (const group of whole(recording.groups())) {
      began = group.time
      yield group
    }
  }
  const first = yield* through({ source }, () => RecordedFrames.firstStep(game.width * game.height, timed()))
  if (first === undefined) {
    return yield* UserError.of(`${source} has no complete step: some cells have not published any state`)
  }
  const from = Math.max(
    first,
    Option.getOrElse(options.from, () => 0)
  )
  const to = Option.getOrElse(options.to, () => Number.POSITIVE_INFINITY)
  if (from > to) return yield* UserError.of(`--to ${to}: expected a step of at least ${from}`)
  const groups = (position?: BlockPosition) => groupsWithin(recording, from, to, position)
  const range: RecordingRange = { ...recording, source, from, to, begin: { step: first, time: began }, groups }
  return range
})

/** The longest work in milliseconds without a turn of the event loop. Signals are handled in these turns. */
const SLICE = 10

/** Calls `use` for all of a recording's groups or ends. */
export const each = Effect.fn("RecordingRange.each")(function* <A>(
  range: RecordingRange,
  read: () => Iterable<A>,
  use: (each: A) => void
) {
  const all = read()[Symbol.iterator]()
  /** Works for one slice. Returns whether all is done. */
  const slice = (): boolean => {
    const end = performance.now() + SLICE
    for (let next = all.next(); next.done !== true; next = all.next()) {
      use(next.value)
      if (performance.now() > end) return false
    }
    return true
  }
  while (!(yield* through(range, slice))) yield* Effect.sleep(0)
})

/** The complete step with this number, or the last complete one before it. */
export const wholeStep = Effect.fn("RecordingRange.wholeStep")(function* (range: RecordingRange, wanted: number) {
  const found = yield* through(range, () => {
    let last: Frame | undefined
    RecordedFrames.each(range.game, whole(range.groups()), range.from, (step, { cells, height, width }) => {
      last = { step, grid: { width, height, cells: cells.slice() } }
      return step < wanted
    })
    return last
  })
  if (found === undefined) return yield* UserError.of(`${range.source} has no complete step from step ${range.from} on`)
  return found
})
