import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Count from "../../Text/Count.ts"
import { format as formatMillis } from "../../Text/Milliseconds.ts"
import { parseTimeSpan } from "../../Text/TimeSpan.ts"

/** A part of a schedule: a rate per second that changes linearly from `from` to `to` over `over` milliseconds, or a burst of `count` at once. */
export const Stage = Schema.Union(
  Schema.TaggedStruct("Rate", { from: Schema.Number, to: Schema.Number, over: Schema.Number }),
  Schema.TaggedStruct("Burst", { count: Schema.Number })
)
export type Stage = typeof Stage.Type

/** A schedule of events: clients that arrive, or messages that are sent. */
export type Stages = ReadonlyArray<Stage>

const RATE = /^(?:(\d+(?:\.\d+)?)\s*->\s*)?(\d+(?:\.\d+)?)\s*(?:\/\s*(s|m|h))?\s+(?:for|in)\s+(\S+)$/
const BURST = /^(\d+)\s+at\s+once$/

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

const parseOne = (text: string): Stage | undefined => {
  const burst = BURST.exec(text)
  if (burst !== null) return { _tag: "Burst", count: Number(burst[1]) }
  const [, from, to, unit = "s", span = ""] = RATE.exec(text) ?? []
  const over = parseTimeSpan(span)
  if (to === undefined || over === undefined || over === 0) return undefined
  const per = SECONDS[unit]!
  return { _tag: "Rate", from: Number(from ?? to) / per, to: Number(to) / per, over }
}

const parseAll = (text: string, parsePart: typeof parseOne): Option.Option<Stages> =>
  Option.all(text.split(",").map((part) => Option.fromNullable(parsePart(part.trim()))))

/** Reads a schedule such as `0->500/s in 30s, 500/s for 5m, 100 at once`. `None` also if it has no event. */
export const parse = (text: string): Option.Option<Stages> =>
  Option.filter(parseAll(text, parseOne), (stages) => total(stages) > 0)

/** A constant rate without an end. */
export const constant = (perSecond: number): Stages => [
  { _tag: "Rate", from: perSecond, to: perSecond, over: Infinity }
]

/** The number of events within the first `time` milliseconds of a stage, as a real number. */
const within = (stage: Stage, time: number): number => {
  if (stage._tag === "Burst") return stage.count
  const { from, over, to } = stage
  // An infinite time means the whole stage.
  if (time === Infinity) return over === Infinity ? Infinity : ((from + to) / 2 / 1000) * over
  return from === to ? (from * time) / 1000 : (from + ((to - from) * time) / over / 2) * (time / 1000)
}

const lengthOf = (stage: Stage): number => (stage._tag === "Burst" ? 0 : stage.over)

/** The length of a schedule in milliseconds. */
export const length = (stages: Stages): number => stages.reduce((sum, stage) => sum + lengthOf(stage), 0)

export const total = (stages: Stages): number =>
  Math.ceil(stages.reduce((sum, stage) => sum + within(stage, lengthOf(stage)), 0) - SLACK)

/** The largest rounding error in a sum that should be a whole number. */
const SLACK = 1e-6

/** The time in milliseconds after which a stage has had `count` events. */
const timeOf = ({ from, over, to }: Stage & { readonly _tag: "Rate" }, count: number): number => {
  const slope = over === Infinity ? 0 : (to - from) / over
  // This solves count = (from t + slope t^2 / 2) / 1000 for t, in a form that is exact for a slope of 0 too.
  const root = Math.sqrt(Math.max(0, from * from + 2 * slope * count * 1000))
  return from + root === 0 ? 0 : (2 * count * 1000) / (from + root)
}

/** Finds the time of each event. If the events are asked for in order, it looks only at the current stage. */
export class Timetable {
  readonly #parts: ReadonlyArray<{
    readonly stage: Stage
    readonly start: number
    readonly before: number
    readonly count: number
  }>
  #at = 0

  constructor(stages: Stages) {
    let start = 0
    let before = 0
    this.#parts = stages.map((stage) => {
      const part = { stage, start, before, count: within(stage, lengthOf(stage)) }
      start += lengthOf(stage)
      before += part.count
      return part
    })
  }

  /** The time of event number `index`, from 0, in milliseconds; `Infinity` if there is no such event. */
  at(index: number): number {
    if (index < (this.#parts[this.#at]?.before ?? 0)) this.#at = 0
    for (; this.#at < this.#parts.length; this.#at++) {
      const { before, count, stage, start } = this.#parts[this.#at]!
      if (index >= before + count - SLACK) continue
      // By a rounding error an event may seem to be before its stage, or after it.
      if (stage._tag === "Burst") return start
      return start + Math.min(stage.over, timeOf(stage, Math.max(0, index - before)))
    }
    this.#at = 0
    return Infinity
  }

  before(time: number): number {
    let sum = 0
    for (const { count, stage, start } of this.#parts) {
      if (time > start) sum += time >= start + lengthOf(stage) ? count : within(stage, time - start)
    }
    return Math.max(0, Math.ceil(sum - SLACK))
  }
}

/** An upper bound for the events within any period of `time` milliseconds. */
export const mostWithin = (stages: Stages, time: number): number => {
  const fastest = Math.max(0, ...stages.map((stage) => (stage._tag === "Rate" ? Math.max(stage.from, stage.to) : 0)))
  const bursts = stages.reduce((sum, stage) => sum + (stage._tag === "Burst" ? stage.count : 0), 0)
  return Math.min(total(stages), Math.ceil((fastest * time) / 1000) + 1 + bursts)
}

const LEVEL = /^(\d+)(?:\s*->\s*(\d+))?\s+(?:for|in)\s+(\S+)$/

const parseLevel = (text: string): Stage | undefined => {
  const [, from, to = from, span = ""] = LEVEL.exec(text) ?? []
  const over = parseTimeSpan(span)
  return from === undefined || over === undefined || over === 0
    ? undefined
    : { _tag: "Rate", from: Number(from), to: Number(to), over }
}

/** Reads a schedule of numbers of clients, such as `0->500 in 30s, 500 for 5m, 500->0 in 1m`. */
export const parseLevels = (text: string): Option.Option<Stages> =>
  Option.filter(parseAll(text, parseLevel), (stages) => most(stages) > 0)

/** The most clients of a schedule of `parseLevels`. */
export const most = (stages: Stages): number =>
  Math.max(...stages.map((stage) => (stage._tag === "Rate" ? Math.max(stage.from, stage.to) : 0)))

/** The number of clients that such a schedule has at this time, in milliseconds. After its end: the last one. */
export const levelAt = (stages: Stages, time: number): number => {
  let start = 0
  let level = 0
  for (const stage of stages) {
    if (stage._tag === "Burst") continue
    const { from, over, to } = stage
    if (time < start + over) return Math.round(from + ((to - from) * Math.max(0, time - start)) / over)
    start += over
    level = to
  }
  return level
}

const describeIn =
  (unit: string) =>
  (stages: Stages): string =>
    stages
      .map((stage) => {
        if (stage._tag === "Burst") return `${Count.format(stage.count)} at once`
        const { from, over, to } = stage
        const level = from === to ? Count.format(to) : `${Count.format(from)} to ${Count.format(to)}`
        return `${level}${unit} for ${formatMillis(over)}`
      })
      .join(", ")

export const describe = describeIn(" per second")

/** The same for a schedule of numbers of clients. */
export const describeLevels = describeIn("")
