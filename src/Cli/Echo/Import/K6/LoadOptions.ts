/** Converts `export const options` of a k6 script to options of `echo`. Parts without a counterpart get a note. */
import { parseTimeSpan } from "../../../../Text/TimeSpan.ts"
import type { Options } from "../Conversion.ts"
import { isObject, type JsonObject } from "../Json.ts"

type Note = (message: string) => void

const recordsOf = (value: unknown): ReadonlyArray<JsonObject> => (Array.isArray(value) ? value.filter(isObject) : [])

/** A time of k6 for an option of `echo`. A time that can't be read is reported, and left out. */
const timeOf = (value: unknown, where: string, note: Note): string | undefined => {
  const time = value === undefined ? undefined : parseTimeSpan(String(value))
  if (time === undefined && value !== undefined) note(`${where} ${String(value)} is no time that can be read`)
  return time === undefined ? undefined : `${time / 1000}s`
}

/** Reports every member that has no influence on the result. */
const noteUnread = (value: JsonObject, read: ReadonlyArray<string>, where: string, note: Note): void => {
  for (const name of Object.keys(value)) {
    if (!read.includes(name)) note(`${where}${name} is left out: it has no counterpart, so the load may be another one`)
  }
}

const loads: Readonly<Record<string, ReadonlyArray<string>>> = {
  "constant-arrival-rate": ["rate", "timeUnit", "duration", "maxVUs", "preAllocatedVUs"],
  "ramping-arrival-rate": ["startRate", "timeUnit", "stages", "maxVUs", "preAllocatedVUs"],
  "ramping-vus": ["stages"],
  "constant-vus": ["vus", "duration"],
  "per-vu-iterations": ["vus"]
}

/** The arrivals for k6's arrival-rate executors. */
const arrivalsOf = (scenario: JsonObject, note: Note): Options => {
  const unit = parseTimeSpan(String(scenario["timeUnit"] ?? "1s")) ?? 1000
  const rate = (count: unknown): number => Number(((Number(count) * 1000) / unit).toFixed(6))
  if (scenario["executor"] === "constant-arrival-rate") {
    return [
      "--arrivals",
      `${rate(scenario["rate"])}/s for ${timeOf(scenario["duration"], "duration", note)}`,
      ...most(scenario)
    ]
  }
  let from = rate(scenario["startRate"] ?? 0)
  const stages = recordsOf(scenario["stages"]).map(({ duration, target }) => {
    const stage = `${from}->${rate(target)}/s in ${timeOf(duration, "stages: the duration", note)}`
    from = rate(target)
    return stage
  })
  return ["--arrivals", stages.join(", "), ...most(scenario)]
}

const most = (scenario: JsonObject): Options => {
  const clients = scenario["maxVUs"] ?? scenario["preAllocatedVUs"]
  return clients === undefined ? [] : ["--max-clients", String(clients)]
}

/** The options for stages in which the number of clients rises, stays the same and ends. */
const rampOf = (stages: ReadonlyArray<JsonObject>, note: Note): Options => {
  const targets = stages.map(({ target }) => Number(target))
  const clients = Math.max(...targets)
  const risen = targets.indexOf(clients)
  const lengthOf = (some: ReadonlyArray<JsonObject>) =>
    some.reduce((sum, { duration }) => sum + (parseTimeSpan(String(duration)) ?? 0), 0)
  for (const { duration } of stages) timeOf(duration, "stages: the duration", note)
  const rise = lengthOf(stages.slice(0, risen + 1))
  const plateau = lengthOf(stages.slice(risen + 1).filter(({ target }) => Number(target) === clients))
  if (!(clients > 0) || rise === 0) {
    note("these stages have no counterpart: see --clients, --ramp and --arrivals")
    return []
  }
  note("stages: the clients connect at random times during the rise, stay during the plateau, and end together")
  return [
    "--clients",
    String(clients),
    "--ramp",
    `random:${rise / 1000}s`,
    ...(plateau === 0 ? [] : ["--duration", `${plateau / 1000}s`])
  ]
}

const executorOf = (scenario: JsonObject, note: Note): Options => {
  const { duration, executor, stages, vus } = scenario
  noteUnread(scenario, ["executor", "exec", ...(loads[String(executor)] ?? [])], "", note)
  switch (executor) {
    case "constant-arrival-rate":
    case "ramping-arrival-rate":
      return arrivalsOf(scenario, note)
    case "ramping-vus":
      return rampOf(recordsOf(stages), note)
    case "constant-vus":
      return ["--clients", String(vus ?? 1), ...lasting(duration, note)]
    case "per-vu-iterations":
      return ["--clients", String(vus ?? 1)]
    default:
      note(`the executor ${String(executor)} has no counterpart: see --clients and --arrivals`)
      return []
  }
}

export const convertOptions = (options: unknown, note: Note): Options =>
  isObject(options)
    ? [...loadOf(options, note), ...(options["insecureSkipTLSVerify"] === true ? ["--insecure"] : [])]
    : []

const loadOf = (options: JsonObject, note: Note): Options => {
  const { duration, iterations, scenarios, stages, thresholds, vus } = options
  const load = scenarios === undefined ? (stages === undefined ? ["vus", "duration"] : ["stages"]) : ["scenarios"]
  const noted = ["thresholds", ...(load.includes("vus") ? ["iterations"] : [])]
  noteUnread(options, ["insecureSkipTLSVerify", ...load, ...noted], "", note)
  if (thresholds !== undefined)
    note("thresholds are left out, because the metrics have other names here; see --threshold")
  if (isObject(scenarios)) {
    const [first, ...others] = Object.values(scenarios).filter(isObject)
    if (others.length > 0) note("only the load of the first scenario is converted")
    return first === undefined ? [] : executorOf(first, note)
  }
  if (Array.isArray(stages)) return rampOf(recordsOf(stages), note)
  if (iterations !== undefined && iterations !== vus)
    note("iterations are left out: each client holds one conversation")
  return [...["--clients", String(vus ?? 1)], ...lasting(duration, note)]
}

const lasting = (duration: unknown, note: Note): Options => {
  const time = timeOf(duration, "duration", note)
  return time === undefined ? [] : ["--duration", time]
}
