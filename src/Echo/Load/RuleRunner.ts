import type { Arrived } from "../Scenario/Op.ts"
import type { Rules } from "../Scenario/Rules.ts"
import type { Host } from "./ClientHost.ts"
import type { Stateful } from "./ClientStates.ts"
import type { DialledConnection } from "./Dialer.ts"
import { recordDelivery } from "./Replies.ts"
import { BUFFER_LIMIT, type Sender } from "./Sender.ts"
import type { Appointment } from "./Timers.ts"

type Rule = Rules["on"][number]

/** Runs the rules of one client while its connection is open. Its one deadline is that of the next timed message. */
export class RuleRunner implements Appointment {
  deadline = Infinity
  heapIndex = -1
  #link: DialledConnection | undefined
  readonly #due: Float64Array
  /** The last number of each rule with a sequence. */
  readonly #last = new Map<Rule, number>()
  readonly #rules: Rules
  readonly #host: Host
  readonly #client: Stateful
  readonly #sender: Sender

  constructor(rules: Rules, host: Host, client: Stateful, sender: Sender) {
    this.#sender = sender
    this.#rules = rules
    this.#host = host
    this.#client = client
    this.#due = new Float64Array(rules.every.length)
  }

  open(link: DialledConnection): void {
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
    const { values } = this.#client
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
    const { recorder } = this.#host
    if (match.stamp !== undefined) {
      const time = recordDelivery(match.stamp(message), at, this.#host)
      if (name !== undefined && !Number.isNaN(time)) recorder.named.record(`on.${name}.delivery`, time)
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
        this.#sender.sendBeside(render(this.#client.values), link)
      } catch (error) {
        return this.#client.failBy(error, undefined)
      }
    }
  }
}
