import * as Schema from "effect/Schema"
import type { Names } from "../../Measure/Named.ts"
import { TimeSpan } from "../Fields.ts"
import type { Runner, State } from "../Op.ts"
import { field, type StepParts } from "./StepParts.ts"

const own = field(
  Schema.Struct({
    /** The script, relative to the scenario file. */
    file: Schema.String,
    /** The function that it exports: `default` unless given. */
    function: Schema.optional(Schema.String),
    /** The name of the scenario in the script's options: `default` unless given. */
    scenario: Schema.optional(Schema.String),
    /** How often each client runs it, one after the other: once unless given. */
    iterations: Schema.optional(Schema.Int.pipe(Schema.positive())),
    maxDuration: Schema.optional(TimeSpan),
    /** How long a conversation may go on after the end of the run: 30 s unless given. */
    gracefulStop: Schema.optional(TimeSpan),
    /** Variables that `__ENV` has besides those of the environment. */
    env: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String })),
    /** The metrics that the script makes, which become figures with `k6.` before their names. */
    metrics: Schema.optional(
      Schema.Record({ key: Schema.String, value: Schema.Literal("trend", "gauge", "counter", "rate") })
    )
  }),
  "Run a function of a k6 script, which opens its connections by itself; beside it only http, set, wait and if"
)
export const k6 = own.field

type Value = typeof own.schema.Type

const GRACE = 30_000

/** The figures that k6 itself has. */
const always: Names = {
  times: [
    "k6.ws_connecting",
    "k6.ws_session_duration",
    "k6.ws_ping",
    "k6.http_req_duration",
    "k6.iteration_duration",
    "tls",
    "tls.resumed"
  ],
  counts: [
    "k6.checks.true",
    "k6.checks.false",
    "k6.ws_sessions",
    "k6.iterations",
    "k6.http_reqs",
    "k6.http_req_failed.true",
    "k6.http_req_failed.false"
  ]
}

const figuresOf = ({ metrics = {} }: Value): Names => {
  const all = Object.entries(metrics).map(([name, kind]) => ({ name: `k6.${name}`, kind }))
  return {
    times: [...always.times, ...all.flatMap(({ kind, name }) => (kind === "trend" || kind === "gauge" ? [name] : []))],
    counts: [
      ...always.counts,
      ...all.flatMap(({ kind, name }) => (kind === "rate" ? [`${name}.true`, `${name}.false`] : [])),
      ...all.flatMap(({ kind, name }) => (kind === "counter" ? [name] : []))
    ]
  }
}

const play = (value: Value, client: Runner): void => {
  const player = client.playerOf(value.file)
  if (player === undefined)
    return client.end({ cause: "script", kind: "not there", detail: `${value.file} was not loaded` })
  const { gracefulStop = GRACE, maxDuration = Infinity } = value
  const part = {
    function: value.function ?? "default",
    iterations: value.iterations ?? 1,
    scenario: value.scenario ?? "default",
    env: value.env ?? {},
    metrics: Object.keys(value.metrics ?? {})
  }
  const cut = player.play(client, part, (failure) => {
    if (client.state !== playing) return
    if (failure === undefined) client.next()
    else client.end(failure)
  })
  const playing: State = {
    _tag: "Playing",
    onDeadline: () => {
      // The run may have let it go, and want it again.
      if (client.now() >= deadline || client.isOver()) return client.interrupt()
      stopBy = deadline
      client.until(playing, deadline)
    },
    onWake: () => {
      if (!client.isOver()) return
      // Further changes of a run that has let it go give it no more time.
      stopBy = Math.min(stopBy, client.now() + gracefulStop)
      client.until(playing, stopBy)
    },
    onLeave: cut
  }
  const deadline = client.now() + maxDuration
  let stopBy = deadline
  client.until(playing, deadline)
}

export const of = <S>(value: Value): StepParts<S> => ({
  kind: "k6",
  figures: figuresOf(value),
  before: "request",
  opensOwn: true,
  pauses: true,
  sends: Number.NaN,
  longest: () => value.maxDuration ?? Infinity,
  compile: ({ add }, { label }) => add({ _tag: "K6", step: label, run: (client) => play(value, client) })
})
