/** Converts the steps of one of Artillery's scenarios. */
import type { StepEncoded } from "../../../../Echo/Scenario/Step.ts"
import type { Field } from "./Field.ts"
import { convertReply } from "./Replies.ts"
import { SocketIoSteps } from "./SocketIo.ts"
import { convert, convertJson, type Meaning } from "./Templates.ts"
import { timeOf } from "./Times.ts"

const LOOP_COUNT: Meaning = {
  name: "round",
  isNumber: true,
  note: "the counter of a loop is {{round}} here. It begins with 1, not with 0"
}

/** Parts of a step that have no counterpart, and why. */
const WHY: Readonly<Record<string, string>> = {
  function: "JavaScript functions have no counterpart here",
  connect: "only the first step can connect"
}

export class Flow {
  readonly #names: Map<string, Meaning>
  /** Whether any step reads a reply. If so, sends without a reply are marked as not answered. */
  readonly #reads: boolean
  /** The steps of the engine `socketio`; `undefined` for the engine `ws`. */
  readonly #socketIo: SocketIoSteps | undefined

  constructor(names: ReadonlyMap<string, Meaning>, flow: Field, isSocketIo = false) {
    this.#names = new Map(names)
    this.#socketIo = isSocketIo ? new SocketIoSteps(this.#names) : undefined
    this.#reads = readsReplies(flow)
  }

  whole(fields: ReadonlyArray<Field>): ReadonlyArray<object> {
    const steps = this.steps(fields)
    return [...(this.#socketIo?.joins ?? []), ...steps]
  }

  steps(fields: ReadonlyArray<Field>): ReadonlyArray<object> {
    return fields.flatMap((field) => this.#step(field))
  }

  #step(field: Field): ReadonlyArray<object> {
    const own = this.#socketIo?.step(field)
    if (own !== undefined) return own
    const [loop, think, log] = ["loop", "think", "log"].map((name) => field.member(name))
    const [send, wait] = ["send", "wait"].map((name) => (this.#socketIo === undefined ? field.member(name) : undefined))
    if (loop !== undefined) return this.#loop(field, loop)
    if (think !== undefined) {
      field.member("jitter")?.refuse("jitter has no counterpart: write wait: {min: ..., max: ...} by hand")
      return [{ wait: timeOf(think) }]
    }
    if (send !== undefined) return this.#send(send)
    if (wait !== undefined) {
      const expect = convertReply(wait, this.#names)
      return expect === undefined ? (wait.refuse("wait needs a match or a capture") ?? []) : [{ expect }]
    }
    if (log !== undefined) return log.note("log is left out") ?? []
    const [name = "a step", at = field] = field.members[0] ?? []
    const known = this.#socketIo === undefined ? "send, wait" : "emit"
    return at.refuse(WHY[name] ?? `${name} has no counterpart: ${known}, think and loop have`) ?? []
  }

  #loop(field: Field, loop: Field): ReadonlyArray<object> {
    for (const name of ["over", "whileTrue"]) field.member(name)?.refuse(`${name} has no counterpart: count has`)
    const count = field.member("count")
    const times = count === undefined ? undefined : Number(count.text)
    if (times !== undefined && !Number.isInteger(times)) count?.refuse("expected a whole number of rounds")
    const counter = field.member("loopValue")?.text ?? "$loopCount"
    const outer = this.#names.get(counter)
    this.#names.set(counter, LOOP_COUNT)
    const steps = this.steps(loop.entries)
    if (outer === undefined) this.#names.delete(counter)
    else this.#names.set(counter, outer)
    if (steps.length === 0) return []
    return [{ repeat: { times: times === undefined || times <= 0 ? undefined : times, steps } }]
  }

  #send(send: Field): ReadonlyArray<StepEncoded> {
    const reads = send.member("match") !== undefined || send.member("capture") !== undefined
    const payload = reads ? send.member("payload") : send
    const message = payload === undefined ? [] : [{ send: this.#payload(payload, reads || !this.#reads) }]
    if (!reads && send.member("payload") !== undefined) {
      send.note(
        "without match or capture Artillery sends this whole object, including `payload`; the scenario does the same"
      )
    }
    if (!reads && this.#reads) {
      send.note(
        "Artillery drops the answer to this message; here the next step would get it: if there is an answer, add an expect for it"
      )
    }
    const expect = convertReply(send, this.#names)
    return [...message, ...(expect === undefined ? [] : [{ expect }])]
  }

  #payload(payload: Field, answered: boolean): NonNullable<StepEncoded["send"]> {
    const text = convert(payload, this.#names)
    if (text === undefined) return { json: convertJson(payload, this.#names), answered: answered ? undefined : false }
    return answered ? text : { text, answered: false }
  }
}

/** Whether a step or a nested step reads a reply. */
const readsReplies = (flow: Field): boolean =>
  flow.entries.some((step) => {
    const loop = step.member("loop")
    const inner = step.member("send") ?? step.member("wait")
    return loop === undefined
      ? inner?.member("match") !== undefined || inner?.member("capture") !== undefined
      : readsReplies(loop)
  })
