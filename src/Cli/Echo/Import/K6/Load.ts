/** Converts the load of k6's `options` to options of `echo`. Every member that is not read is reported. */
import { parseTimeSpan } from "../../../../Text/TimeSpan.ts"
import type { Options } from "../Conversion.ts"
import { isObject, type JsonObject } from "../Json.ts"

export type Note = (message: string) => void

export interface Load {
  readonly name: string
  readonly function: string
  readonly env: Readonly<Record<string, string>>
  /** Loads with the same key can be one run, in which each has this part of the clients. */
  readonly key: string | undefined
  readonly weight: number
  /** The options of loads with the same key and this sum of weights; of one load its own weight. */
  readonly together: (weight: number) => Options
  readonly step: JsonObject
  /** How long to wait before it, if the options don't say it. */
  readonly wait: string | undefined
}

const seconds = (time: number): string => `${Number((time / 1000).toFixed(3))}s`

/** A time in milliseconds. One that can't be read is reported. */
const timeOf = (value: unknown, where: string, note: Note): number | undefined => {
  // A number is in milliseconds in k6.
  const time = typeof value === "number" ? value : value === undefined ? undefined : parseTimeSpan(String(value))
  if (time === undefined && value !== undefined) note(`${where} ${String(value)} is no time that can be read`)
  return time
}

export const noteUnread = (value: JsonObject, read: ReadonlyArray<string>, where: string, note: Note): void => {
  for (const name of Object.keys(value))
    if (!read.includes(name)) note(`${where}${name} is left out: it has no counterpart`)
}

const common = ["executor", "exec", "env", "startTime", "gracefulStop"]

const read: Readonly<Record<string, ReadonlyArray<string>>> = {
  "constant-vus": ["vus", "duration"],
  "externally-controlled": ["vus", "duration", "maxVUs"],
  "ramping-vus": ["startVUs", "stages", "gracefulRampDown"],
  "per-vu-iterations": ["vus", "iterations", "maxDuration"],
  "shared-iterations": ["vus", "iterations", "maxDuration"],
  "constant-arrival-rate": ["rate", "timeUnit", "duration", "maxVUs", "preAllocatedVUs"],
  "ramping-arrival-rate": ["startRate", "timeUnit", "stages", "maxVUs", "preAllocatedVUs"]
}

const stagesOf = (value: unknown, note: Note): ReadonlyArray<{ readonly over: number; readonly target: number }> =>
  (Array.isArray(value) ? value.filter(isObject) : []).map(({ duration, target }) => ({
    over: timeOf(duration, "stages: the duration", note) ?? 0,
    target: Number(target)
  }))

/** A schedule that goes from each value to the next. A stage without a length is a jump. */
const scheduleOf = (
  from: number,
  stages: ReturnType<typeof stagesOf>,
  before: number,
  show: (from: number, to: number, over: string) => string
): string => {
  let at = from
  const parts = before > 0 ? [show(0, 0, seconds(before))] : []
  for (const { over, target } of stages) {
    if (over > 0) parts.push(show(at, target, seconds(over)))
    at = target
  }
  return parts.join(", ")
}

type Executor = (
  scenario: JsonObject,
  begin: number,
  note: Note
) => Pick<Load, "key" | "weight" | "together"> & { readonly iterations?: number }

const level = (from: number, to: number, over: string): string =>
  from === to ? `${to} for ${over}` : `${from}->${to} in ${over}`

const rate = (from: number, to: number, over: string): string =>
  from === to ? `${to}/s for ${over}` : `${from}->${to}/s in ${over}`

const constantVus: Executor = (scenario, begin, note) => {
  const duration = timeOf(scenario["duration"], "duration", note)
  if (duration === undefined) note("there is no duration, so each client holds one conversation")
  const together = (vus: number): Options => {
    if (duration === undefined) return ["--clients", String(vus), "--ramp", "once"]
    if (begin > 0) return ["--clients", scheduleOf(vus, [{ over: duration, target: vus }], begin, level)]
    return ["--clients", String(vus), "--ramp", "once", "--duration", seconds(duration)]
  }
  return { key: `vus ${duration} ${begin}`, weight: Number(scenario["vus"] ?? 1), together }
}

const executors: Readonly<Record<string, Executor>> = {
  "constant-vus": constantVus,
  "externally-controlled": (scenario, begin, note) => {
    note("externally-controlled: the clients don't change while it runs, see --ui")
    return constantVus(scenario, begin, note)
  },
  "ramping-vus": (scenario, begin, note) => {
    const stages = stagesOf(scenario["stages"], note)
    const options = ["--clients", scheduleOf(Number(scenario["startVUs"] ?? 1), stages, begin, level)]
    return { key: undefined, weight: 1, together: () => options }
  },
  "per-vu-iterations": (scenario) => ({
    key: "iterations",
    weight: Number(scenario["vus"] ?? 1),
    together: (vus) => ["--clients", String(vus), "--ramp", "once"],
    iterations: Number(scenario["iterations"] ?? 1)
  }),
  "shared-iterations": (scenario, _, note) => {
    const vus = Number(scenario["vus"] ?? 1)
    const all = Number(scenario["iterations"] ?? 1)
    const each = Math.max(1, Math.floor(all / vus))
    if (each * vus !== all)
      note(`${all} iterations of ${vus} clients are ${each} for each client, ${each * vus} in all`)
    else if (vus > 1 && each > 1) note(`each client runs ${each} iterations: clients do not share them here`)
    return {
      key: "iterations",
      weight: vus,
      together: (clients) => ["--clients", String(clients), "--ramp", "once"],
      iterations: each
    }
  },
  "constant-arrival-rate": (scenario, begin, note) => {
    const unit = timeOf(scenario["timeUnit"], "timeUnit", note) ?? 1000
    const duration = timeOf(scenario["duration"], "duration", note) ?? 0
    const together = (each: number): Options => {
      const perSecond = Number(((each * 1000) / unit).toFixed(6))
      return [
        "--arrivals",
        scheduleOf(perSecond, [{ over: duration, target: perSecond }], begin, rate),
        ...most(scenario)
      ]
    }
    return { key: `rate ${unit} ${duration} ${begin}`, weight: Number(scenario["rate"]), together }
  },
  "ramping-arrival-rate": (scenario, begin, note) => {
    const unit = timeOf(scenario["timeUnit"], "timeUnit", note) ?? 1000
    const perSecond = (count: number) => Number(((count * 1000) / unit).toFixed(6))
    const stages = stagesOf(scenario["stages"], note).map(({ over, target }) => ({ over, target: perSecond(target) }))
    const from = perSecond(Number(scenario["startRate"] ?? 0))
    const options = ["--arrivals", scheduleOf(from, stages, begin, rate), ...most(scenario)]
    return { key: undefined, weight: 1, together: () => options }
  }
}

const most = (scenario: JsonObject): Options => {
  const clients = scenario["maxVUs"] ?? scenario["preAllocatedVUs"]
  return clients === undefined ? [] : ["--max-clients", String(clients)]
}

const textsOf = (value: unknown): Readonly<Record<string, string>> =>
  isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)])) : {}

/** The load of a scenario of k6; `undefined` if its executor is not known. */
const loadOf = (name: string, scenario: JsonObject, note: Note): Load | undefined => {
  const { env, exec = "default", gracefulRampDown, gracefulStop, maxDuration, startTime } = scenario
  const executor = String(scenario["executor"])
  noteUnread(scenario, [...common, ...(read[executor] ?? [])], `${name}: `, note)
  const begin = timeOf(startTime, "startTime", note) ?? 0
  const made = Object.hasOwn(executors, executor) ? executors[executor]?.(scenario, begin, note) : undefined
  if (made === undefined) {
    note(`${name}: the executor ${executor} has no counterpart: see --clients and --arrivals`)
    return undefined
  }
  if (gracefulRampDown !== undefined && gracefulRampDown !== (gracefulStop ?? "30s"))
    note(
      `gracefulRampDown is left out: clients that go have the time of gracefulStop, ${String(gracefulStop ?? "30s")}`
    )
  const isIterations = made.key === "iterations"
  const limit = isIterations ? (timeOf(maxDuration, "maxDuration", note) ?? 600_000) : undefined
  const stop = timeOf(gracefulStop, "gracefulStop", note)
  return {
    name,
    ...made,
    function: String(exec),
    env: textsOf(env),
    step: {
      iterations: made.iterations === 1 ? undefined : made.iterations,
      maxDuration: limit === undefined ? undefined : seconds(limit + (stop ?? 30_000)),
      gracefulStop: stop === undefined ? undefined : seconds(stop)
    },
    wait: isIterations && begin > 0 ? seconds(begin) : undefined
  }
}

/** The members at the top of k6's options that say the load, as one scenario. */
const shortOf = ({ duration, iterations, stages, vus }: JsonObject): JsonObject => {
  if (stages !== undefined) return { executor: "ramping-vus", stages, startVUs: vus }
  if (iterations !== undefined) return { executor: "shared-iterations", vus, iterations, maxDuration: duration }
  return duration === undefined ? { executor: "per-vu-iterations", vus } : { executor: "constant-vus", vus, duration }
}

export const loadMembers = ["vus", "duration", "iterations", "stages", "scenarios"]

export const loadsOf = (options: JsonObject, note: Note): ReadonlyArray<Load> => {
  const { scenarios } = options
  const all = isObject(scenarios) ? Object.entries(scenarios) : [["default", shortOf(options)] as const]
  if (isObject(scenarios)) {
    for (const name of ["vus", "duration", "iterations", "stages"])
      if (options[name] !== undefined) note(`${name} is left out: the scenarios say the load`)
  }
  return all.flatMap(([name, scenario]) => (isObject(scenario) ? (loadOf(name, scenario, note) ?? []) : []))
}
