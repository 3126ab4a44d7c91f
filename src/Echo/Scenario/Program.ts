import * as Either from "effect/Either"
import { Assembler } from "./Assembler.ts"
import type { Expectation } from "./Expectation.ts"
import type { Assignments, ExpectOp, Op } from "./Op.ts"
import * as Replies from "./Replies.ts"
import * as Rules from "./Rules.ts"
import type { Scenario } from "./Scenario.ts"
import { partsOf } from "./Step.ts"
import { assignmentsOf } from "./Steps/Set.ts"
import type { CompileOptions, Refused } from "./Steps/StepParts.ts"
import { allParts, allSteps, beforeConnecting, nestedOf, neverConnects, pauses } from "./Steps.ts"

/** How often a client tries to connect again in a row, in a run that ends with its conversations. */
const ATTEMPTS = 10

/** An operation that waits for the answer to a message by its name. */
type Answering = ExpectOp & { readonly answers: string }

const isAnswering = (op: ExpectOp): op is Answering => typeof op.answers === "string"

const expectsOf = (ops: ReadonlyArray<Op>): ReadonlyArray<ExpectOp> =>
  ops.flatMap(({ expects }) => (expects === undefined ? [] : [expects]))

/**
 * Whether a reply may come to the message that the operation at `at` sends: a step that takes replies follows, in this round or in the
 * next. With keys a message says itself whether it is one.
 */
const isFollowedByReply = (ops: ReadonlyArray<Op>, at: number, keyed: boolean): boolean => {
  const from = ops.reduce((least, { to }, index) => (index > at && to !== undefined ? Math.min(least, to) : least), at)
  return ops
    .slice(from)
    .some(({ expects, takesAny }) => takesAny === true || (expects && (keyed || expects.answers !== false)))
}

/** Everything that an operation can match, if it does not depend on variables. A script may take any message. */
const takesOf = (ops: ReadonlyArray<Op>): ReadonlyArray<Expectation> | undefined => {
  const all = expectsOf(ops).flatMap(({ cases }) => cases.map(({ expectation }) => expectation))
  return ops.some(({ takesAny }) => takesAny) || all.some(({ varies }) => varies === true) ? undefined : all
}

export interface Program {
  /** The variables to set when a conversation begins. */
  readonly variables: Assignments
  /** Whether a step needs the last message that was sent. */
  readonly keepsSent: boolean
  readonly ops: ReadonlyArray<Op>
  /** The index of `Connect`. */
  readonly connectAt: number
  /** Whether scripts open the connections, so that the conversation ends with its last step. */
  readonly opensOwn: boolean
  readonly requests: boolean
  /** The number of named steps. A client keeps the start time of each. */
  readonly marks: number
  readonly depth: number
  /** Whether messages of the server are checked. Without any `expect` they are only counted. */
  readonly checks: boolean
  readonly ignoresUnmatched: boolean
  readonly pairing: Replies.Pairing
  /** Whether a message of the server has several messages, one on each line. */
  readonly lines: boolean
  /** What clients do beside the steps; `undefined`: nothing. */
  readonly rules: Rules.Rules | undefined
  /** Everything that a step can match; `undefined` if that is not known before the run. */
  readonly takes: ReadonlyArray<Expectation> | undefined
  /** The operations that wait for the answer to a message by its name. */
  readonly answering: ReadonlyArray<Answering>
  /** The operations that wait for messages which are no replies. */
  readonly pushes: ReadonlyArray<ExpectOp>
  /** The numbers of the steps that send messages which get replies. */
  readonly requesting: ReadonlySet<number>
  /** The open-ended `repeat`, which `--duration` ends and `--rate` paces. `sends` is its number of messages per round. */
  readonly openEnded: { readonly sends: number } | undefined
  readonly timeout: number
  /** Whether the run ends at a time, and not with the conversations. */
  readonly lasts: boolean
  /** How a client reconnects: after how many milliseconds, how often in a row, and whether with the requests before it. `undefined`: not at all. */
  readonly reconnect: { readonly after: number; readonly times: number; readonly login: boolean } | undefined
}

export interface Options extends Pick<CompileOptions, "files" | "paced" | "timeout"> {
  readonly lasts: boolean
  /** Whether the client connects only if a step needs the connection. */
  readonly isOnce?: boolean | undefined
}

/** Why the load can't be made of the repeat that lasts until the end, which sends this many messages in each round. */
const wrongRepeat = ({ steps }: Scenario, { lasts, paced }: Options, sends: number): Refused | undefined => {
  const endless = allSteps(steps).find(({ repeat }) => repeat !== undefined && repeat.times === undefined)
  const refuse = (message: string): Refused => ({ message, step: endless })
  if (endless !== undefined && !lasts) return refuse("a repeat without times needs --duration; or give it times")
  if (endless !== undefined && !paced && !nestedOf(endless).every((inside) => pauses(inside.steps)))
    return refuse("a repeat without times never pauses: add a wait or an expect to it, or pace it with --rate")
  if (paced && Number.isNaN(sends))
    return refuse(
      "--rate needs the same number of messages in every round, but the branches of the repeat send different numbers"
    )
  return paced && sends === 0
    ? refuse("--rate needs a repeat without times that sends messages: add one to the scenario")
    : undefined
}

/** Compiles a scenario. On the left: why it cannot be run. */
export const compile = (scenario: Scenario, options: Options): Either.Either<Program, Refused> => {
  const { steps } = scenario
  const timeout = scenario.timeout ?? options.timeout
  const ignoresUnmatched = scenario.unmatched === "ignore"
  const pairing = Replies.compile(scenario.replies)
  const keyed = pairing._tag === "Key"
  const parts = allParts(steps)
  const names = parts.map(({ answers }) => answers)
  const answered = new Set(names.filter((name) => typeof name === "string"))
  const assembler = new Assembler({ ...options, timeout, ignoresUnmatched, keyed, answered })
  const opening = allSteps(steps).find((step) => partsOf(step).opensOwn === true)
  const opensOwn = opening !== undefined
  if (opensOwn && !neverConnects(steps)) {
    const message = "a k6 script opens its connections by itself: beside it there may be only http, set, wait and if"
    return Either.left({ message, step: opening })
  }
  const isUnconnected = opensOwn || (options.isOnce === true && neverConnects(steps))
  const first = isUnconnected ? steps.length : beforeConnecting(steps)
  const top = { depth: 0, mayEnd: true }
  const early = assembler.steps(steps.slice(0, first), top)
  const connectAt = assembler.ops.length
  if (!isUnconnected) assembler.add({ _tag: "Connect", run: (client) => client.connection.connect() })
  const refused =
    early ?? assembler.steps(steps.slice(first), top) ?? wrongRepeat(scenario, options, assembler.openEndedSends ?? 0)
  if (refused !== undefined) return Either.left(refused)
  const { depth, marks, openEndedSends, ops } = assembler
  for (const [at, op] of ops.entries()) {
    if (op.sends !== undefined) op.sends.timed &&= isFollowedByReply(ops, at, keyed)
  }
  const checks = ops.some(
    ({ closedWith, expects, takesAny }) => takesAny === true || expects !== undefined || closedWith !== undefined
  )
  const { reconnect } = scenario.connect
  return Either.right({
    ...{ ops, connectAt, opensOwn, depth, marks, checks, timeout, ignoresUnmatched, pairing },
    openEnded: openEndedSends === undefined ? undefined : { sends: openEndedSends },
    lasts: options.lasts,
    lines: scenario.lines === true,
    rules: Rules.compile(scenario, options.files),
    answering: expectsOf(ops).filter(isAnswering),
    pushes: expectsOf(ops).filter(({ answers }) => answers === false),
    requesting: new Set(ops.flatMap(({ sends }) => (sends === undefined ? [] : [sends.step]))),
    takes: takesOf(ops),
    requests: parts.some(({ before }) => before === "request"),
    variables: assignmentsOf(scenario.variables),
    keepsSent: parts.some(({ messages = [] }) => messages.some(({ sent }) => sent === true)),
    reconnect: reconnect && {
      after: reconnect.after,
      times: reconnect.times ?? (options.lasts ? Infinity : ATTEMPTS),
      login: reconnect.login === true
    }
  })
}
