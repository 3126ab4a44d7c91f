import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { PCGRandom } from "effect/Utils"
import * as Count from "../../Text/Count.ts"
import { format as formatMillis } from "../../Text/Milliseconds.ts"
import { parseTimeSpan } from "../../Text/TimeSpan.ts"
import * as Stages from "./Stages.ts"

/** The ramp of a run: when its clients begin to connect. */
export const Ramp = Schema.Union(
  /** Each client at a uniform random time from 0 to `over` milliseconds, as in the original C10k demo. */
  Schema.TaggedStruct("Random", { over: Schema.Number }),
  /** One client after the other, at this rate per second. */
  Schema.TaggedStruct("Rate", { perSecond: Schema.Number }),
  /** A batch of `size` clients at once, every `every` milliseconds. */
  Schema.TaggedStruct("Steps", { size: Schema.Number, every: Schema.Number }),
  Schema.TaggedStruct("Once", {}),
  Schema.TaggedStruct("Stages", { stages: Schema.Array(Stages.Stage) })
)
export type Ramp = typeof Ramp.Type

const EXPECTED =
  "expected random:TIME, rate:N (a second), steps:N/TIME or once, such as random:30s, rate:500, steps:1000/10s"

/** Reads `random:30s`, `rate:500`, `steps:1000/10s` or `once`. */
export const parse = (text: string): Either.Either<Ramp, string> => {
  const match = /^(?:(once)|random:(.+)|rate:(\d+(?:\.\d+)?)(?:\/s)?|steps:(\d+)\/(.+))$/.exec(text.trim())
  if (match?.[1] !== undefined) return Either.right({ _tag: "Once" })
  if (match?.[2] !== undefined) {
    const over = parseTimeSpan(match[2])
    if (over !== undefined) return Either.right({ _tag: "Random", over })
  }
  if (match?.[3] !== undefined && Number(match[3]) > 0)
    return Either.right({ _tag: "Rate", perSecond: Number(match[3]) })
  if (match?.[4] !== undefined && Number(match[4]) > 0) {
    const every = parseTimeSpan(match[5] ?? "")
    if (every !== undefined) return Either.right({ _tag: "Steps", size: Number(match[4]), every })
  }
  return Either.left(EXPECTED)
}

/** What a ramp says of its clients. Times are in milliseconds from the start. */
interface Course {
  /** When client number `index`, from 0, begins to connect. */
  readonly startOf: (index: number) => number
  /** The most of `clients` that begin within any period of `time`. */
  readonly most: (clients: number, time: number) => number
  readonly text: string
}

const courseOf = (ramp: Ramp, seed: number): Course => {
  switch (ramp._tag) {
    case "Random": {
      const random = new PCGRandom(seed)
      return {
        startOf: () => random.number() * ramp.over,
        most: (clients, time) => {
          // The times are random, so some periods have more clients than the mean: add five standard deviations.
          const mean = clients * Math.min(1, time / ramp.over)
          return Math.ceil(mean + 5 * Math.sqrt(mean))
        },
        text: `at random times over ${formatMillis(ramp.over)}`
      }
    }
    case "Rate":
      return {
        startOf: (index) => (index * 1000) / ramp.perSecond,
        most: (_, time) => Math.ceil((time / 1000) * ramp.perSecond) + 1,
        text: `${Count.format(ramp.perSecond)} a second`
      }
    case "Steps":
      return {
        startOf: (index) => Math.floor(index / ramp.size) * ramp.every,
        most: (_, time) => ramp.size * (Math.floor(time / ramp.every) + 1),
        text: `${Count.format(ramp.size)} every ${formatMillis(ramp.every)}`
      }
    case "Once":
      return { startOf: () => 0, most: (clients) => clients, text: "all at once" }
    case "Stages": {
      const { stages } = ramp
      const table = new Stages.Timetable(stages)
      return {
        startOf: (index) => table.at(index),
        most: (_, time) => Stages.mostWithin(stages, time),
        text: Stages.describe(stages)
      }
    }
  }
}

/** When each of `clients` begins to connect, in milliseconds from the start. The same seed gives the same times. */
export const startTimes = (ramp: Ramp, clients: number, seed: number): Float64Array => {
  const { startOf } = courseOf(ramp, seed)
  return Float64Array.from({ length: clients }, (_, index) => startOf(index))
}

/** The most clients that begin to connect within any period of `time` milliseconds. */
export const mostWithin = (ramp: Ramp, clients: number, time: number): number =>
  Math.min(clients, courseOf(ramp, 0).most(clients, time))

export const describe = (ramp: Ramp): string => courseOf(ramp, 0).text
