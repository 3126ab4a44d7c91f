import type { Arrived } from "../Scenario/Op.ts"
import type { Rules } from "../Scenario/Rules.ts"
import * as Stamp from "../Scenario/Stamp.ts"
import type { Host } from "./ClientHost.ts"
import type { ClientValues } from "./ClientValues.ts"
import type { Link } from "./Dialer.ts"
import { BUFFER_LIMIT, type Sender } from "./Sender.ts"
import type { Appointment } from "./Timers.ts"

type Rule = Rules["on"][number]

type Run = Pick<Host<never>, "timers" | "now" | "recorder">

/** The client to which the rules belong. */
interface Owner {
  readonly values: ClientValues
  /** Ends the conversation, because a template could not use a value. Other errors are thrown again. */
  readonly failBy: (error: unknown, op: undefined) => void
}

/** Runs the rules of one client while its connection is open. Its one deadline is that of the next timed message. */
export class RuleRunner implements Appointment {
  deadline = Infinity
  heapIndex = -1
  #link: Link | undefined
  /** When each timed message is due. */
  readonly #due: Float64Array
  /** The last number of each rule with a sequence. */
  readonly #last = new Map<Rule, number>()
  readonly #rules: Rules
  readonly #host: Run
  readonly #owner: Owner
  readonly #sender: Sender

  constructor(rules: Rules, host: Run, owner: Owner, sender: Sender) {
    this.#sender = sender
    this.#rules = rules
    this.#host = host
    this.#owner = owner
    this.#due = new Float64Array(rules.every.length)
  }

  open(link: Link): void {
    this.#link = link
    const now = this.#host.now()
    for (const [index, { after }] of this.#rules.every.entries()) this.#due[index] = now + after
    this.#plan()
  }

  close(): void {
    this.#link = undefined
    this.#last.clear()
    this.#host.timers.clear(this)
  }

  onDeadline(): void {
    const now = this.#host.now()
    for (const [index, { after, sends }] of this.#rules.every.entries()) {
      if (this.#due[index]! > now) continue
      // After a standstill the missed messages are not made up for.
      this.#due[index] = now + after - ((now - this.#due[index]!) % after)
      this.#send(sends)
    }
    if (this.#link !== undefined) this.#plan()
  }

  #plan(): void {
    const next = Math.min(Infinity, ...this.#due)
    if (next < Infinity) this.#host.timers.set(this, next)
  }

  /** Applies the first rule that a message matches. Returns whether the steps must not see the message. Throws a `RenderError`. */
  take(arrived: Arrived): boolean {
    const { message } = arrived
    const { values } = this.#owner
    const rule = this.#rules.on.find(({ match }) => match.expectation.matches(message, values))
    if (rule === undefined) return false
    for (const { name, read } of rule.match.captures) {
      const value = read(message)
      if (value !== undefined) values.set(name, value)
    }
    this.#measure(rule, arrived)
    this.#send(rule.sends)
    return !rule.passes
  }

  #measure(rule: Rule, { at, message }: Arrived): void {
    const { match, name, sequence } = rule
    const { now, recorder } = this.#host
    if (match.stamp !== undefined) {
      const time = Stamp.delivery(match.stamp(message) ?? "", now() - at)
      if (!Number.isNaN(time)) {
        recorder.named.record("delivery", Math.max(0, time))
        if (name !== undefined) recorder.named.record(`on.${name}.delivery`, Math.max(0, time))
      }
    }
    if (name === undefined) return
    recorder.named.count(`on.${name}`)
    if (sequence === undefined) return
    const number = Number(sequence(message))
    if (!Number.isFinite(number)) return
    const last = this.#last.get(rule)
    if (last !== undefined && number <= last) return recorder.named.count(`on.${name}.disorder`)
    if (last !== undefined && number > last + 1) recorder.named.count(`on.${name}.missing`, number - last - 1)
    this.#last.set(rule, number)
  }

  #send(sends: Rule["sends"]): void {
    for (const render of sends) {
      const link = this.#link
      if (link === undefined) return
      if (link.queued > BUFFER_LIMIT) {
        this.#host.recorder.named.count("rules.skipped")
        continue
      }
      try {
        this.#sender.sendBeside(render(this.#owner.values), link)
      } catch (error) {
        return this.#owner.failBy(error, undefined)
      }
    }
  }
}
