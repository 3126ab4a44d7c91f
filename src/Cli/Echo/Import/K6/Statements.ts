/** Converts the statements of a k6 script to events, in the order in which they run. */
import type { AnyNode, CallExpression, Expression, Node, Pattern, Statement } from "acorn"
import type { Findings, StepText } from "../Conversion.ts"
import { Checks, type Expect, replyOf } from "./Checks.ts"
import { functionOf, type Handler, type Handlers, isSocket } from "./Handlers.ts"
import { Refusal } from "./Refusal.ts"
import type { Binding, Scope } from "./Scope.ts"
import { type Event, sequence } from "./Timeline.ts"
import { calleeOf, memberName, textOf, type Value, type Values } from "./Value.ts"

export const NO_SEQUENCE = "two actions at the same time have no counterpart"

/** The steps of consecutive events. Throws a `Refusal` if some are at the same time. */
export const sequenceOf = (events: ReadonlyArray<Event>, node: Node): ReadonlyArray<StepText> => {
  const steps = sequence(events)
  if (typeof steps === "string") throw new Refusal(node, NO_SEQUENCE)
  return steps
}

/** Whether a call only prints something. */
const isConsole = (callee: string | undefined): boolean => callee?.startsWith("console.") === true

const WORDS: Readonly<Record<string, string>> = {
  IfStatement: "if",
  WhileStatement: "while",
  ForOfStatement: "for ... of",
  SwitchStatement: "switch",
  TryStatement: "try",
  ThrowStatement: "throw"
}

const sendOf = (value: Value): NonNullable<StepText["send"]> =>
  value.isText === true && typeof value.json === "object" ? { json: value.json } : textOf(value)

interface Done {
  readonly events: ReadonlyArray<Event>
  /** The time after the statement, in milliseconds. */
  readonly at: number
}

export class Statements {
  readonly #findings: Findings
  readonly #values: Values
  readonly #handlers: Handlers
  readonly #checks: Checks
  #expected: Expect | undefined

  constructor(findings: Findings, values: Values, handlers: Handlers) {
    this.#findings = findings
    this.#values = values
    this.#handlers = handlers
    this.#checks = new Checks(values)
  }

  /** The expectations of the checks among the statements. */
  get expected(): Expect | undefined {
    return this.#expected
  }

  /** The events of a function that is called at time `at`. */
  body({ node, scope }: Handler, at: number, parameter?: Binding): ReadonlyArray<Event> {
    const inner = scope.inner
    const [first] = node.params
    if (first?.type === "Identifier") inner.set(first.name, parameter ?? { _tag: "Unknown" })
    if (node.body.type !== "BlockStatement") return this.#expression(node.body, at, inner).events
    return this.of(node.body.body, at, inner)
  }

  of(statements: ReadonlyArray<Statement>, start: number, scope: Scope): ReadonlyArray<Event> {
    return this.#statements(statements, start, scope).events
  }

  #statements(statements: ReadonlyArray<Statement>, start: number, scope: Scope): Done {
    const events: Array<Event> = []
    let at = start
    for (const statement of statements) {
      try {
        const done = this.#statement(statement, at, scope)
        events.push(...done.events)
        at = done.at
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        this.#findings.refuse(error.line, error.message)
      }
    }
    return { events, at }
  }

  #statement(node: Statement, at: number, scope: Scope): Done {
    switch (node.type) {
      case "EmptyStatement":
        return { events: [], at }
      case "ReturnStatement":
        return node.argument ? this.#expression(node.argument, at, scope) : { events: [], at }
      case "ExpressionStatement":
        return this.#expression(node.expression, at, scope)
      case "BlockStatement":
        return this.#statements(node.body, at, scope.inner)
      case "FunctionDeclaration":
        scope.set(node.id.name, { _tag: "Function", node, scope })
        return { events: [], at }
      case "VariableDeclaration": {
        const events: Array<Event> = []
        for (const { id, init } of node.declarations) events.push(...this.#declare(id, init ?? undefined, at, scope))
        return { events, at }
      }
      case "ForStatement":
        return this.#loop(node, at, scope)
      default:
        throw new Refusal(node, `${WORDS[node.type] ?? "this"} has no counterpart in a plain sequence`)
    }
  }

  /** Declares a name for a value or for the result of a timer. */
  #declare(id: Pattern, init: Expression | undefined, at: number, scope: Scope): ReadonlyArray<Event> {
    if (id.type !== "Identifier") throw new Refusal(id, "only plain names are converted")
    if (init === undefined) {
      scope.set(id.name, { _tag: "Unknown" })
      return []
    }
    const reply = replyOf(init, scope)
    scope.set(id.name, reply?._tag === "Reply" ? reply : { _tag: "Value", init, scope })
    return init.type === "CallExpression" && this.#isTimer(init) ? this.#expression(init, at, scope).events : []
  }

  #isTimer(node: CallExpression): boolean {
    return /(?:^|\.)set(?:Timeout|Interval)$/.test(calleeOf(node) ?? "")
  }

  /** Converts `for (let i = 0; i < 3; i++)`. Its body can't use `i`. */
  #loop(node: Statement & { readonly type: "ForStatement" }, at: number, scope: Scope): Done {
    const { body, init, test, update } = node
    const declared = init?.type === "VariableDeclaration" ? init.declarations[0] : undefined
    const [name, from] = declared?.id.type === "Identifier" ? [declared.id.name, declared.init] : []
    const counts = update?.type === "UpdateExpression" && update.operator === "++"
    const isTest = test?.type === "BinaryExpression" && /^<=?$/.test(test.operator) && test.left.type === "Identifier"
    if (name === undefined || !from || !counts || !isTest || test.left.type === "PrivateIdentifier") {
      throw new Refusal(node, "only for (let i = 0; i < COUNT; i++) is converted")
    }
    const [low, high] = [this.#values.of(from, scope).json, this.#values.of(test.right, scope).json]
    if (typeof low !== "number" || typeof high !== "number")
      throw new Refusal(node, "its count is not known before the run")
    const inner = scope.inner
    inner.set(name, { _tag: "Unknown" })
    const times = high - low + (test.operator === "<=" ? 1 : 0)
    const round = this.#statements([body], 0, inner)
    const steps = sequenceOf([...round.events, { _tag: "Pause", at: round.at }], node)
    const events: ReadonlyArray<Event> =
      times > 0 && steps.length > 0 ? [{ _tag: "Step", at, step: { repeat: { times, steps } } }] : []
    return { events, at }
  }

  #expression(node: Expression, at: number, scope: Scope): Done {
    const none: Done = { events: [], at }
    if (this.#handlers.register(node, scope)) return none
    if (node.type !== "CallExpression") {
      throw new Refusal(node, "this has no counterpart in a plain sequence")
    }
    const callee = calleeOf(node)
    if (isConsole(callee)) return none
    if (callee === "check") return this.#check(node, at, scope)
    const [first, second] = node.arguments
    if (callee === "sleep") return { events: [], at: at + this.#number(first, node, scope) * 1000 }
    if (callee === "group") {
      const inner = functionOf(second, scope)
      return inner === undefined ? none : { events: this.body(inner, at), at }
    }
    if (this.#isTimer(node)) return { events: this.#timer(node, at, scope), at }
    if (node.callee.type !== "MemberExpression")
      throw new Refusal(node, `${callee === undefined ? "this call" : `${callee}()`} has no counterpart`)
    const method = memberName(node.callee)
    if (!isSocket(node.callee.object, scope)) {
      // The script's own metrics are ignored.
      if (method === "add") return none
      throw new Refusal(node, `${callee === undefined ? "this call" : `${callee}()`} has no counterpart`)
    }
    if (method === "send" && first !== undefined) {
      return { events: [{ _tag: "Step", at, step: { send: sendOf(this.#values.of(first, scope)) } }], at }
    }
    if (method === "close") {
      const code = first === undefined ? 1000 : this.#number(first, node, scope)
      return { events: [{ _tag: "Close", at, code }], at }
    }
    throw new Refusal(node, `${method ?? "this"} of a socket has no counterpart: send and close have`)
  }

  #check(node: CallExpression, at: number, scope: Scope): Done {
    const [subject] = node.arguments
    const about = subject === undefined ? undefined : replyOf(subject, scope)
    if (about?._tag === "Reply" || about?._tag === "Event") {
      try {
        this.#expected = this.#checks.of(node, scope)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        this.#findings.note(error.line, `${error.message}; it is left out`)
      }
    }
    return { events: [], at }
  }

  #number(node: AnyNode | undefined, around: Node, scope: Scope): number {
    const value = node === undefined ? undefined : this.#values.of(node, scope).json
    if (typeof value !== "number") throw new Refusal(around, "expected a number that is known before the run")
    return value
  }

  #timer(node: CallExpression, at: number, scope: Scope): ReadonlyArray<Event> {
    const [first, second] = node.arguments
    const called = functionOf(first, scope)
    if (called === undefined) throw new Refusal(node, "the function of this timer is not in this script")
    const after = this.#number(second, node, scope)
    if (!(after > 0)) throw new Refusal(node, "a timer without a time has no counterpart")
    if (calleeOf(node)?.endsWith("setTimeout") === true) return this.body(called, at + after)
    const steps = sequenceOf(this.body(called, 0), node)
    return [{ _tag: "Every", at, period: after, steps }]
  }
}
