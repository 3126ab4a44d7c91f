import * as ConversationFailure from "./ConversationFailure.ts"
import type { ExpectOp, Op } from "./Op.ts"
import { partsOf, type Step } from "./Step.ts"
import { acting, type Builder, type CompileOptions, type Nesting, type Refused } from "./Steps/StepParts.ts"
import { countSends } from "./Steps.ts"

/** Translates steps into operations. */
export class Assembler implements Builder<Step> {
  readonly ops: Array<Op> = []
  depth = 0
  marks = 0
  openEndedSends: number | undefined
  isInOpenEnded = false
  #step = 0
  readonly options: CompileOptions

  constructor(options: CompileOptions) {
    this.options = options
  }

  readonly add = (op: Op): undefined => {
    this.ops.push(op)
  }

  readonly steps = (steps: ReadonlyArray<Step>, place: Nesting): Refused | undefined => {
    for (const [index, step] of steps.entries()) {
      const refused = this.#named(step, place)
      // The innermost step tells most.
      if (refused !== undefined) return { step, ...refused }
      if (partsOf(step).endsConnection === true && (!place.mayEnd || index < steps.length - 1)) {
        return { message: "the connection ends here: make this step the last one, outside of any repeat", step }
      }
    }
    return undefined
  }

  /** A request has its own time, and an expected message has the round trip that it ends. Other steps are timed by `Begin` and `End`. */
  #named(step: Step, place: Nesting): Refused | undefined {
    const { name } = step
    const { answered, keyed } = this.options
    const parts = partsOf(step)
    const { isAnswered = false, kind, timesItself = false } = parts
    const number = step.place?.number ?? ++this.#step
    const called = step.place?.name ?? name
    const label = called === undefined ? `${number}` : `${number} (${called})`
    const isTimedByReply = isAnswered && name !== undefined && (keyed || answered.has(name))
    if (name === undefined || kind === "http" || isTimedByReply) {
      return parts.compile(this, { number, label, name, place, named: undefined })
    }
    const named = { figure: `step.${name}`, mark: this.marks++ }
    this.add(acting("Begin", ({ times }) => times.begin(named)))
    const refused = parts.compile(this, { number, label, name, place, named })
    if (!timesItself) this.add(acting("End", ({ times }) => times.finish(named)))
    return refused
  }

  readonly await: Builder<Step>["await"] = ({ label, number }, how) => {
    const op: ExpectOp = {
      _tag: "Expect",
      ...{ ...how, number, step: label, named: how.named },
      timeout: how.timeout ?? this.options.timeout,
      run: (client) => client.messages.expect(op),
      onMessage: (client, arrived) => {
        if (client.messages.accept(op, arrived)) client.step()
      },
      onDeadline: (client) => {
        const { skipped, taken } = client.messages
        client.end(ConversationFailure.noReply(op, client.values, taken, skipped))
      }
    }
    this.add({ ...op, expects: op })
    for (const one of op.cases) one.next = this.ops.length
  }

  readonly branches: Builder<Step>["branches"] = (branches, { depth }) => {
    let end = 0
    for (const { enter, steps } of branches) {
      enter(this.ops.length)
      const refused = this.steps(steps, { depth, mayEnd: true })
      if (refused !== undefined) return refused
      this.add({
        _tag: "Jump",
        run: (client) => {
          client.at = end
        }
      })
    }
    end = this.ops.length
    return undefined
  }

  readonly openEnded: Builder<Step>["openEnded"] = ({ depth }, steps, inside) => {
    if (depth > 0) return { message: "this repeats without end inside another repeat: give it times" }
    if (this.openEndedSends !== undefined)
      return { message: "this is a second repeat without times: only one can last until the end" }
    this.openEndedSends = countSends(steps)
    this.isInOpenEnded = true
    const refused = inside()
    this.isInOpenEnded = false
    return refused
  }

  readonly nest = (depth: number): void => {
    this.depth = Math.max(this.depth, depth)
  }
}
