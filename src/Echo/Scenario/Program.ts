import { randomBytes } from "node:crypto"
import * as Either from "effect/Either"
import { CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import * as Capture from "./Capture.ts"
import * as Expectation from "./Expectation.ts"
import type { HttpOperation } from "./HttpRequest.ts"
import * as HttpRequest from "./HttpRequest.ts"
import type { Payload } from "./Payload.ts"
import type { Scenario, Step } from "./Scenario.ts"
import { parseSize } from "./Size.ts"
import { allSteps, beforeConnecting } from "./Steps.ts"
import * as Template from "./Template.ts"

/**
 * A scenario as a flat list of operations with jumps, so that a client's place in it is one number and a step costs no
 * allocation. `Loop` starts a `repeat`, `Round` begins each of its rounds or leaves for `end`, `Jump` goes back to it.
 */
export type Op =
  | { readonly _tag: "Wait"; readonly min: number; readonly max: number }
  | {
      readonly _tag: "Send"
      readonly render: (variables: Template.Variables) => Message
      /** Whether a reply is timed from it, and whether a planned rate calls for it. */
      readonly timed: boolean
      readonly paced: boolean
      readonly timeout: number
      readonly step: number
    }
  | {
      readonly _tag: "Expect"
      readonly expectation: Expectation.Expectation
      readonly captures: ReadonlyArray<{ readonly name: string; readonly read: Capture.Reader; readonly from: string }>
      readonly timeout: number
      readonly step: number
      readonly named: NamedStep | undefined
    }
  /** Opens the connection: once, behind the requests that come before it. */
  | { readonly _tag: "Connect" }
  | (HttpOperation & {
      readonly _tag: "Http"
      readonly timeout: number
      readonly step: number
      readonly figure: string | undefined
    })
  | { readonly _tag: "ExpectClose"; readonly code: number; readonly timeout: number }
  /** A step with figures of its own begins, and is over. */
  | { readonly _tag: "Begin"; readonly named: NamedStep }
  | { readonly _tag: "End"; readonly named: NamedStep }
  | { readonly _tag: "Loop"; readonly depth: number }
  | { readonly _tag: "Round"; readonly depth: number; readonly times: number; readonly end: number }
  | { readonly _tag: "Jump"; readonly to: number }
  | { readonly _tag: "Set"; readonly assignments: Assignments; readonly step: number }
  | { readonly _tag: "Close"; readonly code: number; readonly reason: string }
  | { readonly _tag: "Reconnect"; readonly after: number; readonly code: number; readonly timeout: number }

/** The name of a step's times, and where a client keeps when it began. */
export interface NamedStep {
  readonly figure: string
  readonly mark: number
}

type Assignments = ReadonlyArray<readonly [name: string, value: Template.Template]>

export interface Program {
  /** What to set when a conversation begins. */
  readonly variables: Assignments
  /** Whether any step needs to know what was sent last. */
  readonly keepsSent: boolean
  readonly ops: ReadonlyArray<Op>
  /** The place of `Connect`. */
  readonly connectAt: number
  /** Whether there are requests over HTTP. */
  readonly requests: boolean
  /** The steps that have names: a client keeps the beginning of each. */
  readonly marks: number
  /** How deep `repeat` is nested. */
  readonly depth: number
  /** Without any `expect`, what the server says is counted and not checked. */
  readonly checks: boolean
  readonly ignoresUnmatched: boolean
  /** The messages a round of the open-ended `repeat` sends: the one that `--duration` ends and `--rate` paces. */
  readonly openEnded: { readonly sends: number } | undefined
  readonly timeout: number
  /** What a client does whose connection is lost. */
  readonly reconnect: { readonly after: number; readonly times: number } | undefined
}

/** The contents of the files that a scenario sends, by `fileKey`. */
type Files = ReadonlyMap<string, Message>

/** Names the content of a file payload: one file may be sent both as text and as binary. */
export const fileKey = (payload: Payload): string => `${payload.as ?? "auto"} ${payload.file ?? ""}`

const renderer = (send: string | Payload, files: Files): ((variables: Template.Variables) => Message) => {
  if (typeof send === "string") return Template.compile(send)
  if (send.text !== undefined) return Template.compile(send.text)
  if (send.json !== undefined) return Template.compileJson(send.json)
  if (send.hex !== undefined) {
    const template = Template.compile(send.hex)
    const bytes = (text: string) => Buffer.from(text.replaceAll(/\s/g, ""), "hex")
    const constant = Template.isConstant(send.hex) ? bytes(send.hex) : undefined
    return constant === undefined ? (variables) => bytes(template(variables)) : () => constant
  }
  const message = contentOf(send, files)
  return () => message
}

const contentOf = (send: Payload, files: Files): Message => {
  if (send.binary !== undefined) return Buffer.from(send.binary, "base64")
  if (send.bytes !== undefined) return randomBytes(parseSize(String(send.bytes)) ?? 0)
  return files.get(fileKey(send)) ?? ""
}

const assignmentsOf = (values: Readonly<Record<string, string | number | boolean>>): Assignments =>
  Object.entries(values).map(([name, value]) => [name, Template.compile(String(value))])

const capturesOf = (captures: Readonly<Record<string, Capture.Capture>> = {}) =>
  Object.entries(captures).map(([name, capture]) => ({
    name,
    read: Capture.compile(capture),
    from: Capture.describe(capture)
  }))

const pauses = (steps: ReadonlyArray<Step>): boolean =>
  steps.some(
    (step) =>
      step.wait !== undefined ||
      step.expect !== undefined ||
      step.reconnect !== undefined ||
      step.http !== undefined ||
      (step.repeat !== undefined && pauses(step.repeat.steps))
  )

/** Messages sent by one pass over `steps`. */
const countSends = (steps: ReadonlyArray<Step>): number =>
  steps.reduce(
    (sum, step) =>
      sum +
      (step.send !== undefined ? 1 : 0) +
      (step.repeat !== undefined ? (step.repeat.times ?? 1) * countSends(step.repeat.steps) : 0),
    0
  )

const closes = (steps: ReadonlyArray<Step>): boolean =>
  steps.some(
    (step) => step.close !== undefined || (typeof step.expect === "object" && step.expect.closed !== undefined)
  )

class Refused {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

class Builder {
  readonly ops: Array<Op> = []
  depth = 0
  marks = 0
  checks = false
  openEnded: { readonly sends: number } | undefined
  #step = 0
  #inOpenEnded = false
  readonly #files: Files
  readonly #timeout: number
  readonly #paced: boolean

  constructor(options: Options, timeout: number) {
    this.#files = options.files
    this.#paced = options.paced
    this.#timeout = timeout
  }

  steps(steps: ReadonlyArray<Step>, depth: number): Refused | undefined {
    for (const [index, step] of steps.entries()) {
      const refused = this.#named(step, depth)
      if (refused !== undefined) return refused
      if (closes([step]) && (depth > 0 || index < steps.length - 1)) {
        return new Refused(`the connection ends at step ${this.#step}: put that step last, outside of any repeat`)
      }
    }
    return undefined
  }

  /** A request is timed by itself, and an `expect` by the round trip that it ends. */
  #named(step: Step, depth: number): Refused | undefined {
    if (step.name === undefined || step.http !== undefined) return this.#one(step, depth, undefined)
    const named = { figure: `step.${step.name}`, mark: this.marks++ }
    this.ops.push({ _tag: "Begin", named })
    const refused = this.#one(step, depth, named)
    if (step.expect === undefined) this.ops.push({ _tag: "End", named })
    return refused
  }

  #one(step: Step, depth: number, named: NamedStep | undefined): Refused | undefined {
    const number = ++this.#step
    if (step.wait !== undefined) {
      const wait = typeof step.wait === "number" ? { min: step.wait, max: step.wait } : step.wait
      this.ops.push({ _tag: "Wait", ...wait })
    } else if (step.send !== undefined) {
      const timed = typeof step.send === "string" || step.send.answered !== false
      const render = renderer(step.send, this.#files)
      const paced = this.#paced && this.#inOpenEnded
      this.ops.push({ _tag: "Send", render, timed, paced, timeout: this.#timeout, step: number })
    } else if (step.expect !== undefined) {
      const { closed, timeout, ...expected } =
        typeof step.expect === "string"
          ? { exact: step.expect, closed: undefined, timeout: undefined, capture: undefined }
          : step.expect
      const wait = timeout ?? this.#timeout
      this.checks = true
      this.ops.push(
        closed !== undefined
          ? { _tag: "ExpectClose", code: closed, timeout: wait }
          : {
              _tag: "Expect",
              expectation: Expectation.compile(expected),
              captures: capturesOf(expected.capture),
              timeout: wait,
              step: number,
              named
            }
      )
    } else if (step.http !== undefined) {
      const timeout = step.http.timeout ?? this.#timeout
      const figure = step.name === undefined ? undefined : `step.${step.name}`
      this.ops.push({ _tag: "Http", ...HttpRequest.compile(step.http), timeout, step: number, figure })
    } else if (step.repeat !== undefined) {
      return this.#repeat(step.repeat.times, step.repeat.steps, depth, number)
    } else if (step.set !== undefined) {
      this.ops.push({ _tag: "Set", assignments: assignmentsOf(step.set), step: number })
    } else if (step.reconnect !== undefined) {
      const { after, code = CloseCode.Normal } =
        typeof step.reconnect === "number" ? { after: step.reconnect } : step.reconnect
      this.ops.push({ _tag: "Reconnect", after, code, timeout: this.#timeout })
    } else if (step.close !== undefined) {
      this.ops.push(
        typeof step.close === "number"
          ? { _tag: "Close", code: step.close, reason: "" }
          : { _tag: "Close", ...step.close }
      )
    }
    return undefined
  }

  #repeat(times: number | undefined, steps: ReadonlyArray<Step>, depth: number, number: number): Refused | undefined {
    if (times === undefined) {
      if (depth > 0) return new Refused(`step ${number} repeats without end inside another repeat: give it times`)
      if (this.openEnded !== undefined)
        return new Refused(`step ${number} is a second repeat without times: only one can last until the end`)
      this.openEnded = { sends: countSends(steps) }
      this.#inOpenEnded = true
    }
    this.depth = Math.max(this.depth, depth + 1)
    this.ops.push({ _tag: "Loop", depth })
    const round = this.ops.length
    this.ops.push({ _tag: "Jump", to: 0 })
    const refused = this.steps(steps, depth + 1)
    if (times === undefined) this.#inOpenEnded = false
    if (refused !== undefined) return refused
    this.ops.push({ _tag: "Jump", to: round })
    this.ops[round] = { _tag: "Round", depth, times: times ?? Infinity, end: this.ops.length }
    return undefined
  }
}

/** What keeps a scenario from running with these options. */
export interface Options {
  readonly timeout: number
  readonly paced: boolean
  readonly lasts: boolean
  readonly files: Files
}

/** The program of a scenario, or one line that says why it cannot be run. */
export const compile = (scenario: Scenario, options: Options): Either.Either<Program, string> => {
  const timeout = scenario.timeout ?? options.timeout
  const builder = new Builder(options, timeout)
  const first = beforeConnecting(scenario.steps)
  builder.steps(scenario.steps.slice(0, first), 0)
  const connectAt = builder.ops.push({ _tag: "Connect" }) - 1
  const refused = builder.steps(scenario.steps.slice(first), 0)
  if (refused !== undefined) return Either.left(refused.message)
  const endless = scenario.steps.find((step) => step.repeat !== undefined && step.repeat.times === undefined)?.repeat
  if (endless !== undefined && !options.lasts) {
    return Either.left("a repeat without times needs --duration, or give it times")
  }
  if (endless !== undefined && !options.paced && !pauses(endless.steps)) {
    return Either.left("a repeat without times never pauses: add a wait or an expect to it, or pace it with --rate")
  }
  if (options.paced && (builder.openEnded?.sends ?? 0) === 0) {
    return Either.left(
      "--rate paces the sends of a repeat without times: add such a repeat, with a send in it, to the scenario"
    )
  }
  const { checks, depth, marks, openEnded, ops } = builder
  const { reconnect } = scenario.connect
  return Either.right({
    ...{ ops, connectAt, depth, marks, checks, openEnded, timeout },
    requests: allSteps(scenario.steps).some((step) => step.http !== undefined),
    variables: assignmentsOf(scenario.variables),
    keepsSent: allSteps(scenario.steps).some((step) => typeof step.expect === "object" && step.expect.sent === true),
    reconnect: reconnect === undefined ? undefined : { after: reconnect.after, times: reconnect.times ?? Infinity },
    ignoresUnmatched: scenario.unmatched === "ignore"
  })
}
