import { CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import { isAnswered } from "./Answers.ts"
import * as Capture from "./Capture.ts"
import * as Condition from "./Condition.ts"
import * as Expectation from "./Expectation.ts"
import type { Expected, ExpectedMessage, Until } from "./Expected.ts"
import * as HttpRequest from "./HttpRequest.ts"
import type { Assignments, Case, NamedStep, Op } from "./Op.ts"
import * as Rendering from "./Rendering.ts"
import type { Step } from "./Step.ts"
import { countSends, endsConnection } from "./Steps.ts"
import * as Template from "./Template.ts"

export const assignmentsOf = (values: Readonly<Record<string, string | number | boolean>>): Assignments =>
  Object.entries(values).map(([name, value]) => [name, Template.compile(String(value))])

const capturesOf = (captures: Readonly<Record<string, Capture.Capture>> = {}): Case["captures"] =>
  Object.entries(captures).map(([name, capture]) => ({
    name,
    read: Capture.compile(capture),
    from: Capture.describe(capture)
  }))

const caseOf = (given: string | ExpectedMessage): Case => {
  const message = typeof given === "string" ? { exact: given } : given
  const captures = capturesOf(message.capture)
  const stamp = message.stamp === undefined ? undefined : Capture.compile(message.stamp)
  return {
    expectation: Expectation.compile(message),
    captures,
    stamp,
    reads: captures.length > 0 || stamp !== undefined,
    next: 0
  }
}

/** The reason why a scenario can't be run. */
export class Refused {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

interface AssemblerOptions {
  readonly files: Rendering.Files
  /** Whether the messages of the open-ended repeat are sent at a planned rate. */
  readonly paced: boolean
  /** The timeout of steps without their own, in milliseconds. */
  readonly timeout: number
  readonly ignoresUnmatched: boolean
  /** Whether replies are paired with messages by a key in both. */
  readonly keyed: boolean
  /** The names of messages that steps wait for the answers to. */
  readonly answered: ReadonlySet<string>
}

/** Where a list of steps is. */
interface Place {
  /** The number of repeats around it. */
  readonly depth: number
  /** Whether the conversation may end with its last step. */
  readonly mayEnd: boolean
}

/** Translates steps into operations. */
export class Assembler {
  readonly ops: Array<Op> = []
  depth = 0
  marks = 0
  checks = false
  openEnded: { readonly sends: number } | undefined
  #step = 0
  #inOpenEnded = false
  readonly #options: AssemblerOptions

  constructor(options: AssemblerOptions) {
    this.#options = options
  }

  steps(steps: ReadonlyArray<Step>, place: Place): Refused | undefined {
    for (const [index, step] of steps.entries()) {
      const refused = this.#named(step, place)
      if (refused !== undefined) return refused
      if (endsConnection(step) && (!place.mayEnd || index < steps.length - 1)) {
        return new Refused(
          `the connection ends at step ${this.#step}: make this step the last one, outside of any repeat`
        )
      }
    }
    return undefined
  }

  /** A request has its own time, and an expected message has the round trip that it ends. Other steps are timed by `Begin` and `End`. */
  #named(step: Step, place: Place): Refused | undefined {
    if (step.name === undefined || step.http !== undefined || this.#isTimedByReply(step)) {
      return this.#one(step, place, undefined)
    }
    const named = { figure: `step.${step.name}`, mark: this.marks++ }
    this.ops.push({ _tag: "Begin", named })
    const refused = this.#one(step, place, named)
    if (step.expect === undefined && step.until === undefined) this.ops.push({ _tag: "End", named })
    return refused
  }

  /** Whether the figure of a `send` is the time until its reply. */
  #isTimedByReply(step: Step): boolean {
    const { answered, keyed } = this.#options
    return isAnswered(step) && step.name !== undefined && (keyed || answered.has(step.name))
  }

  #one(step: Step, place: Place, named: NamedStep | undefined): Refused | undefined {
    const number = ++this.#step
    if (step.wait !== undefined) {
      const wait = typeof step.wait === "number" ? { min: step.wait, max: step.wait } : step.wait
      this.ops.push({ _tag: "Wait", ...wait })
    } else if (step.send !== undefined) {
      const { answered, files, paced, timeout } = this.#options
      this.ops.push({
        _tag: "Send",
        render: Rendering.compile(step.send, files),
        timed: isAnswered(step),
        paced: paced && this.#inOpenEnded,
        ...{ timeout, step: number, name: step.name },
        isAnsweredByName: isAnswered(step) && step.name !== undefined && answered.has(step.name),
        figure: this.#isTimedByReply(step) ? `step.${step.name}` : undefined
      })
    } else if (step.expect !== undefined) {
      this.#expect(typeof step.expect === "string" ? { exact: step.expect } : step.expect, number, named)
    } else if (step.until !== undefined) {
      const wanted: Until = typeof step.until === "string" ? { exact: step.until } : step.until
      const { answers, timeout } = wanted
      this.#await([caseOf(wanted)], { need: 1, skips: true, timeout, step: number, named, answers })
    } else if (step.switch !== undefined) {
      return this.#switch(step.switch, place, number)
    } else if (step.if !== undefined) {
      return this.#if(step.if, place, number)
    } else if (step.repeat !== undefined) {
      return this.#repeat(step.repeat.times, step.repeat.steps, place, number)
    } else this.#plain(step, number)
    return undefined
  }

  #plain(step: Step, number: number): void {
    const { timeout } = this.#options
    if (step.set !== undefined) {
      this.ops.push({ _tag: "Set", assignments: assignmentsOf(step.set), step: number })
    } else if (step.http !== undefined) {
      const figure = step.name === undefined ? undefined : `step.${step.name}`
      const wait = step.http.timeout ?? timeout
      this.ops.push({ _tag: "Http", ...HttpRequest.compile(step.http), timeout: wait, step: number, figure })
    } else if (step.script !== undefined) {
      this.checks = true
      this.ops.push({ _tag: "Script", file: step.script, timeout, step: number })
    } else if (step.ping !== undefined) {
      this.ops.push({ _tag: "Ping", timeout: step.ping === true ? timeout : step.ping.timeout, step: number })
    } else if (step.reconnect !== undefined) {
      const { after, code = CloseCode.Normal } =
        typeof step.reconnect === "number" ? { after: step.reconnect } : step.reconnect
      this.ops.push({ _tag: "Reconnect", after, code, timeout })
    } else if (step.close !== undefined) {
      this.ops.push(
        typeof step.close === "number"
          ? { _tag: "Close", code: step.close, reason: "" }
          : { _tag: "Close", ...step.close }
      )
    }
  }

  #expect(expected: Expected, step: number, named: NamedStep | undefined): void {
    const { answers, anyOrder, closed, count = 1, timeout, ...message } = expected
    if (closed !== undefined) {
      this.checks = true
      this.ops.push({ _tag: "ExpectClose", code: closed, timeout: timeout ?? this.#options.timeout })
      return
    }
    const [first = caseOf(message), ...others] = (anyOrder ?? []).map(caseOf)
    const need = anyOrder === undefined ? count : "all"
    this.#await([first, ...others], { need, skips: this.#options.ignoresUnmatched, timeout, step, named, answers })
  }

  #await(
    cases: readonly [Case, ...Array<Case>],
    how: Pick<Op & { _tag: "Expect" }, "need" | "skips" | "step" | "named" | "answers"> & {
      readonly timeout: number | undefined
    }
  ): void {
    this.checks = true
    this.ops.push({ _tag: "Expect", ...how, cases, timeout: how.timeout ?? this.#options.timeout })
    for (const one of cases) one.next = this.ops.length
  }

  #switch({ answers, cases, timeout }: NonNullable<Step["switch"]>, place: Place, step: number): Refused | undefined {
    const [first, ...others] = cases.map(({ expect }) => caseOf(expect))
    if (first === undefined) return undefined
    const compiled = [first, ...others] as const
    const skips = this.#options.ignoresUnmatched
    this.#await([...compiled], { need: 1, skips, timeout, step, named: undefined, answers })
    return this.#branches(
      cases.map(({ steps }, index) => ({
        steps,
        enter: (at: number) => {
          const one = compiled[index]
          if (one !== undefined) one.next = at
        }
      })),
      place
    )
  }

  #if({ else: otherwise = [], steps, ...condition }: NonNullable<Step["if"]>, place: Place, step: number) {
    const at = this.ops.length
    const op = { _tag: "If", test: Condition.compile(condition), otherwise: 0, step } as const
    this.ops.push(op)
    return this.#branches(
      [
        { steps, enter: () => {} },
        { steps: otherwise, enter: (place) => (this.ops[at] = { ...op, otherwise: place }) }
      ],
      place
    )
  }

  /** Alternative lists of steps. A client runs one of them and continues after the last. */
  #branches(
    branches: ReadonlyArray<{ readonly steps: ReadonlyArray<Step>; readonly enter: (at: number) => void }>,
    { depth }: Place
  ): Refused | undefined {
    const leaves: Array<number> = []
    for (const { enter, steps } of branches) {
      enter(this.ops.length)
      const refused = this.steps(steps, { depth, mayEnd: true })
      if (refused !== undefined) return refused
      leaves.push(this.ops.push({ _tag: "Jump", to: 0 }) - 1)
    }
    for (const leave of leaves) this.ops[leave] = { _tag: "Jump", to: this.ops.length }
    return undefined
  }

  #repeat(
    times: number | undefined,
    steps: ReadonlyArray<Step>,
    { depth }: Place,
    number: number
  ): Refused | undefined {
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
    const refused = this.steps(steps, { depth: depth + 1, mayEnd: false })
    if (times === undefined) this.#inOpenEnded = false
    if (refused !== undefined) return refused
    this.ops.push({ _tag: "Jump", to: round })
    this.ops[round] = { _tag: "Round", depth, times: times ?? Infinity, end: this.ops.length }
    return undefined
  }
}
