/** Converts the actions of a k6 script on its socket to the steps of a conversation. */
import type { Node } from "acorn"
import type { Findings, StepText } from "../Conversion.ts"
import { type Handler, Handlers } from "./Handlers.ts"
import { Refusal } from "./Refusal.ts"
import type { Binding } from "./Scope.ts"
import { NO_SEQUENCE, Statements, sequenceOf } from "./Statements.ts"
import type { Event } from "./Timeline.ts"
import type { Values } from "./Value.ts"

const lineOf = (node: Node): number => node.loc?.start.line ?? 1

/** The handler's parameter: `k6/ws` passes the message itself, `k6/websockets` passes an event. */
const replyIn = ({ scope }: Handler): Binding =>
  scope.get("*events")?._tag === "Event" ? { _tag: "Event" } : { _tag: "Reply", path: undefined }

export class Conversation {
  readonly statements: Statements
  readonly #findings: Findings
  readonly #handlers = new Handlers()

  constructor(findings: Findings, values: Values) {
    this.#findings = findings
    this.statements = new Statements(findings, values, this.#handlers)
  }

  /** The steps of the whole conversation. `first` has the statements outside of handlers. */
  steps(first: ReadonlyArray<Event>, node: Node): ReadonlyArray<StepText> {
    const opened = this.#run("open", undefined)
    const message = this.#handlers.of("message")
    const answers = message === undefined ? [] : this.#run("message", replyIn(message))
    for (const name of this.#handlers.names) {
      if (name !== "open" && name !== "message" && this.#run(name, undefined).length > 0) {
        this.#findings.refuse(lineOf(this.#handlers.of(name)?.node ?? node), `a handler for ${name} has no counterpart`)
      }
    }
    const events = [...first, ...opened]
    if (message === undefined || answers.length === 0) {
      if (this.statements.expected !== undefined) {
        this.#findings.note(
          lineOf(message?.node ?? node),
          "checks of every message are left out: add an expect after each send"
        )
      }
      return sequenceOf(events, node)
    }
    if (!answers.some(({ _tag }) => _tag === "Close")) {
      throw new Refusal(
        message.node,
        "this handler of messages would answer for ever: only a handler that closes is converted"
      )
    }
    return this.#exchange(events, answers, message.node)
  }

  /** Waits for a message, then runs the actions of its handler. A close that is planned for later limits the wait. */
  #exchange(events: ReadonlyArray<Event>, answers: ReadonlyArray<Event>, node: Node): ReadonlyArray<StepText> {
    const limit = events.find(({ _tag, at }) => _tag === "Close" && at > 0)
    const before = events.filter((event) => event !== limit)
    const last = before.reduce((latest, { at }) => Math.max(latest, at), 0)
    if (before.some(({ _tag }) => _tag !== "Step") || last > 0) throw new Refusal(node, NO_SEQUENCE)
    const timeout = limit === undefined ? {} : { timeout: `${limit.at}ms` }
    return [
      ...sequenceOf(before, node),
      { expect: { ...(this.statements.expected ?? { any: true }), ...timeout } },
      ...sequenceOf(answers, node)
    ]
  }

  #run(name: string, parameter: Binding | undefined): ReadonlyArray<Event> {
    const handler = this.#handlers.of(name)
    return handler === undefined ? [] : this.statements.body(handler, 0, parameter)
  }
}
