/** Which options of `echo` can't stand together: rules that change with the options, apart from `EchoPlan`, which makes the plan. */
import * as Option from "effect/Option"
import * as Stages from "../../Echo/Scenario/Stages.ts"
import type { EchoOptions } from "./EchoOptions.ts"

const mostOf = ({ clients }: EchoOptions): number => (typeof clients === "number" ? clients : Stages.most(clients))

/** The options that need not be given. */
type OptionalName = {
  readonly [Name in keyof EchoOptions]: EchoOptions[Name] extends Option.Option<unknown> ? Name : never
}[keyof EchoOptions]

/** Why options can't stand together, because one of them would be ignored; `undefined` if they can. */
export const wrongTogether = (options: EchoOptions): string | undefined => {
  const { agents, arrivals, clients, nats, processes, rate, warmUp } = options
  const given: Readonly<Record<OptionalName, Option.Option<unknown>>> = options
  /** The first of these options that is given. */
  const has = (...names: ReadonlyArray<OptionalName>) => names.find((name) => Option.isSome(given[name]))
  const isStaged = typeof clients !== "number"
  const isStagedRate = Option.exists(rate, (value) => typeof value !== "number")
  const stages = isStaged ? clients : Option.getOrUndefined(arrivals)
  const besideStages = isStaged ? has("rate", "ramp", "duration", "arrivals", "find") : undefined
  const besideArrivals = has("arrivals") && has("rate", "ramp", "duration", "find")
  const most = mostOf(options)
  if (processes > most) return `--processes ${processes}: expected at most the number of clients, ${most}`
  if (has("message") && (has("scenario") || !has("rate")))
    return "--message needs --rate, and can't be combined with --scenario, whose steps say what to send"
  if (has("delay") && has("scenario", "rate"))
    return "--delay is for the built-in conversation: leave it out with --scenario and --rate"
  if (besideStages)
    return `--clients has stages, which say how many clients there are and for how long: leave out --${besideStages}`
  if (besideArrivals) return `--arrivals says when clients arrive and for how long: leave out --${besideArrivals}`
  if (has("maxClients") && !has("arrivals"))
    return "--max-clients needs --arrivals: without it, --clients is the number of clients"
  if (has("rate") && !isStagedRate && !has("duration"))
    return "--rate needs --duration, which says how long to send, such as --duration 30s"
  if (has("find") && isStagedRate) return "--find needs a number for --rate, not stages: the search starts with it"
  if (Option.isSome(agents) !== Option.isSome(nats))
    return "--agents and --nats belong together: give the number of agents, and the NATS servers that they have joined"
  if (has("natsCreds") && !has("nats")) return "--nats-creds needs --nats: give the URL of a NATS server too"
  if (has("agents") && (processes > 1 || has("localAddress")))
    return "--processes and --local-address are for this machine: with --agents, start more agents, and give each its --local-address"
  if (has("warmUp") && !isStaged && !has("arrivals", "duration", "rate"))
    return "--warm-up needs --duration, --rate or --arrivals: otherwise no load follows it"
  return stages !== undefined && Option.exists(warmUp, (time) => time >= Stages.length(stages))
    ? "--warm-up: expected a shorter time than the stages take"
    : undefined
}
