import * as Either from "effect/Either"
import * as Answers from "./Answers.ts"
import { Assembler, assignmentsOf } from "./Assembler.ts"
import type { Expectation } from "./Expectation.ts"
import type { Assignments, Op } from "./Op.ts"
import type { Files } from "./Rendering.ts"
import * as Replies from "./Replies.ts"
import type { Scenario } from "./Scenario.ts"
import { allSteps, beforeConnecting, messagesOf, pauses } from "./Steps.ts"

/** How often a client tries to connect again in a row, in a run that ends with its conversations. */
const ATTEMPTS = 10

type Answering = Op & { readonly _tag: "Expect"; readonly answers: string }

const isAnswering = (op: Op): op is Answering => op._tag === "Expect" && typeof op.answers === "string"

/** Whether a reply may come to the message that the operation at `at` sends: a step that takes replies follows, in this round or in the next. */
const isFollowedByReply = (ops: ReadonlyArray<Op>, at: number): boolean => {
  const from = ops.reduce((least, op, index) => (index > at && op._tag === "Jump" ? Math.min(least, op.to) : least), at)
  return ops.slice(from).some((op) => op._tag === "Script" || (op._tag === "Expect" && op.answers !== false))
}

/** Everything that an operation can match, if it does not depend on variables. A script may take any message. */
const takesOf = (ops: ReadonlyArray<Op>): ReadonlyArray<Expectation> | undefined => {
  const all = ops.flatMap((op) => (op._tag === "Expect" ? op.cases.map(({ expectation }) => expectation) : []))
  return ops.some(({ _tag }) => _tag === "Script") || all.some(({ varies }) => varies === true) ? undefined : all
}

/** A compiled scenario. */
export interface Program {
  /** The variables to set when a conversation begins. */
  readonly variables: Assignments
  /** Whether a step needs the last message that was sent. */
  readonly keepsSent: boolean
  readonly ops: ReadonlyArray<Op>
  /** The index of `Connect`. */
  readonly connectAt: number
  /** Whether there are HTTP requests. */
  readonly requests: boolean
  /** The number of named steps. A client keeps the start time of each. */
  readonly marks: number
  /** How deep `repeat` is nested. */
  readonly depth: number
  /** Whether messages of the server are checked. Without any `expect` they are only counted. */
  readonly checks: boolean
  readonly ignoresUnmatched: boolean
  readonly pairing: Replies.Pairing
  /** Everything that a step can match; `undefined` if that is not known before the run. */
  readonly takes: ReadonlyArray<Expectation> | undefined
  /** The operations that wait for the answer to a message by its name. */
  readonly answering: ReadonlyArray<Answering>
  /** The open-ended `repeat`, which `--duration` ends and `--rate` paces. `sends` is its number of messages per round. */
  readonly openEnded: { readonly sends: number } | undefined
  readonly timeout: number
  /** Whether the run ends at a time, and not with the conversations. */
  readonly lasts: boolean
  /** How a client reconnects: after how many milliseconds, and how often in a row. `undefined`: not at all. */
  readonly reconnect: { readonly after: number; readonly times: number } | undefined
}

export interface Options {
  readonly timeout: number
  readonly paced: boolean
  readonly lasts: boolean
  readonly files: Files
}

/** Compiles a scenario. On the left: one line that says why it cannot be run. */
export const compile = (scenario: Scenario, options: Options): Either.Either<Program, string> => {
  const timeout = scenario.timeout ?? options.timeout
  const ignoresUnmatched = scenario.unmatched === "ignore"
  const pairing = Replies.compile(scenario.replies)
  const names = allSteps(scenario.steps).map(Answers.answersOf)
  const assembler = new Assembler({
    ...{ files: options.files, paced: options.paced, timeout, ignoresUnmatched },
    keyed: pairing._tag === "Key",
    answered: new Set(names.filter((name) => typeof name === "string"))
  })
  const first = beforeConnecting(scenario.steps)
  const top = { depth: 0, mayEnd: true }
  const early = assembler.steps(scenario.steps.slice(0, first), top)
  const connectAt = assembler.ops.push({ _tag: "Connect" }) - 1
  const refused = early ?? assembler.steps(scenario.steps.slice(first), top)
  if (refused !== undefined) return Either.left(refused.message)
  const endless = allSteps(scenario.steps).find((step) => step.repeat !== undefined && step.repeat.times === undefined)
  if (endless?.repeat !== undefined && !options.lasts) {
    return Either.left("a repeat without times needs --duration; or give it times")
  }
  if (endless?.repeat !== undefined && !options.paced && !pauses(endless.repeat.steps)) {
    return Either.left("a repeat without times never pauses: add a wait or an expect to it, or pace it with --rate")
  }
  const sends = assembler.openEnded?.sends ?? 0
  if (options.paced && Number.isNaN(sends)) {
    return Either.left(
      "--rate needs the same number of messages in every round, but the branches of the repeat send different numbers"
    )
  }
  if (options.paced && sends === 0) {
    return Either.left("--rate needs a repeat without times that sends messages: add one to the scenario")
  }
  const { checks, depth, marks, openEnded } = assembler
  const ops = assembler.ops.map((op, at) =>
    op._tag === "Send" && op.timed ? { ...op, timed: isFollowedByReply(assembler.ops, at) } : op
  )
  const { reconnect } = scenario.connect
  return Either.right({
    ...{ ops, connectAt, depth, marks, checks, openEnded, timeout, ignoresUnmatched, pairing },
    lasts: options.lasts,
    answering: ops.filter(isAnswering),
    takes: takesOf(ops),
    requests: allSteps(scenario.steps).some((step) => step.http !== undefined),
    variables: assignmentsOf(scenario.variables),
    keepsSent: allSteps(scenario.steps).some((step) => messagesOf(step).some(({ sent }) => sent === true)),
    reconnect:
      reconnect === undefined
        ? undefined
        : { after: reconnect.after, times: reconnect.times ?? (options.lasts ? Infinity : ATTEMPTS) }
  })
}
