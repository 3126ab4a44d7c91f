/** What the handlers of a k6 script do with its socket, as the steps of a conversation. */
import type { AnyNode, CallExpression, Expression, Node, Pattern, Statement } from "acorn"
import type { Findings, StepText } from "../Conversion.ts"
import { Checks, type Expect, replyOf } from "./Checks.ts"
import { Refusal } from "./Refusal.ts"
import type { AnyFunction, Binding, Scope } from "./Scope.ts"
import { type Event, sequence } from "./Timeline.ts"
import { calleeOf, memberName, textOf, type Value, type Values } from "./Value.ts"

interface Handler {
  readonly node: AnyFunction
  readonly scope: Scope
}

const NO_SEQUENCE = "two things at the same time are no plain sequence"

/** Members that only tell, and change nothing of what passes. */
const isTelling = (callee: string | undefined): boolean => callee?.startsWith("console.") === true

export class Conversation {
  readonly #findings: Findings
  readonly #values: Values
  readonly #checks: Checks
  readonly #handlers = new Map<string, Handler>()
  /** What handlers that only look at messages check. */
  #expected: Expect | undefined

  constructor(findings: Findings, values: Values) {
    this.#findings = findings
    this.#values = values
    this.#checks = new Checks(values)
  }

  /** The function that an argument is, or names. */
  functionOf(node: AnyNode | undefined, scope: Scope): Handler | undefined {
    if (node?.type === "ArrowFunctionExpression" || node?.type === "FunctionExpression") return { node, scope }
    if (node?.type !== "Identifier") return undefined
    const binding = scope.get(node.name)
    if (binding?._tag === "Function") return binding
    return binding?._tag === "Value" ? this.functionOf(binding.init, binding.scope) : undefined
  }

  /** Takes `socket.on("open", ...)`, `socket.onopen = ...`, `socket.addEventListener(...)`; `true` where it is one. */
  register(node: Expression, scope: Scope): boolean {
    const [name, handler] = this.#registration(node, scope) ?? []
    if (name === undefined || handler === undefined) return false
    const known = this.functionOf(handler, scope)
    if (known === undefined) throw new Refusal(handler, `the function that handles ${name} is not in this script`)
    if (this.#handlers.has(name)) throw new Refusal(node, `a second function for ${name} is no plain sequence`)
    this.#handlers.set(name, known)
    return true
  }

  #registration(node: Expression, scope: Scope): readonly [name: string, handler: AnyNode | undefined] | undefined {
    if (node.type === "AssignmentExpression" && node.left.type === "MemberExpression") {
      const name = memberName(node.left)
      const isHandler = name?.startsWith("on") === true && this.#isSocket(node.left.object, scope)
      return isHandler ? [name.slice(2), node.right] : undefined
    }
    if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return undefined
    const [event, handler] = node.arguments
    const isOn = ["on", "addEventListener"].includes(memberName(node.callee) ?? "")
    if (!isOn || !this.#isSocket(node.callee.object, scope)) return undefined
    return event?.type === "Literal" ? [String(event.value), handler] : undefined
  }

  #isSocket(node: AnyNode, scope: Scope): boolean {
    return node.type === "Identifier" && scope.get(node.name)?._tag === "Socket"
  }

  /** The steps of the whole conversation; `first` are the statements beside the handlers. */
  steps(first: ReadonlyArray<Event>, node: Node): ReadonlyArray<StepText> {
    const opened = this.#run("open", undefined)
    const message = this.#handlers.get("message")
    const answers = message === undefined ? [] : this.#run("message", replyIn(message))
    for (const name of this.#handlers.keys()) {
      if (name !== "open" && name !== "message" && this.#run(name, undefined).length > 0) {
        this.#findings.refuse(
          lineOf(this.#handlers.get(name)?.node ?? node),
          `what happens on ${name} has no counterpart`
        )
      }
    }
    const events = [...first, ...opened]
    if (message === undefined || answers.length === 0) {
      if (this.#expected !== undefined) {
        this.#findings.note(
          lineOf(message?.node ?? node),
          "checks of every message are left out: add an expect after each send"
        )
      }
      return this.#sequence(events, node)
    }
    if (!answers.some(({ _tag }) => _tag === "Close")) {
      throw new Refusal(
        message.node,
        "what is done on each message has no end: only a handler that closes is converted"
      )
    }
    return this.#exchange(events, answers, message.node)
  }

  /** Waits for a message, then does what its handler does; a close that is planned for later limits the wait. */
  #exchange(events: ReadonlyArray<Event>, answers: ReadonlyArray<Event>, node: Node): ReadonlyArray<StepText> {
    const limit = events.find(({ _tag, at }) => _tag === "Close" && at > 0)
    const before = events.filter((event) => event !== limit)
    const last = before.reduce((latest, { at }) => Math.max(latest, at), 0)
    if (before.some(({ _tag }) => _tag !== "Step") || last > 0) throw new Refusal(node, NO_SEQUENCE)
    const timeout = limit === undefined ? {} : { timeout: `${limit.at}ms` }
    return [
      ...this.#sequence(before, node),
      { expect: { ...(this.#expected ?? { any: true }), ...timeout } },
      ...this.#sequence(answers, node)
    ]
  }

  #sequence(events: ReadonlyArray<Event>, node: Node): ReadonlyArray<StepText> {
    const steps = sequence(events)
    if (typeof steps === "string") throw new Refusal(node, NO_SEQUENCE)
    return steps
  }

  #run(name: string, parameter: Binding | undefined): ReadonlyArray<Event> {
    const handler = this.#handlers.get(name)
    return handler === undefined ? [] : this.body(handler, 0, parameter)
  }

  /** What a function does that is called at a time. */
  body({ node, scope }: Handler, at: number, parameter?: Binding): ReadonlyArray<Event> {
    const inner = scope.inner
    const [first] = node.params
    if (first?.type === "Identifier") inner.set(first.name, parameter ?? { _tag: "Unknown" })
    if (node.body.type !== "BlockStatement") return this.#expression(node.body, at, inner).events
    return this.statements(node.body.body, at, inner)
  }

  statements(statements: ReadonlyArray<Statement>, start: number, scope: Scope): ReadonlyArray<Event> {
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

  /** A name for a value, or for what a timer returns. */
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

  /** `for (let i = 0; i < 3; i++)`, whose body does not use `i`. */
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
    const steps = this.#sequence([...round.events, { _tag: "Pause", at: round.at }], node)
    const events: ReadonlyArray<Event> =
      times > 0 && steps.length > 0 ? [{ _tag: "Step", at, step: { repeat: { times, steps } } }] : []
    return { events, at }
  }

  #expression(node: Expression, at: number, scope: Scope): Done {
    const none: Done = { events: [], at }
    if (this.register(node, scope)) return none
    if (node.type !== "CallExpression") {
      throw new Refusal(node, "this has no counterpart in a plain sequence")
    }
    const callee = calleeOf(node)
    if (isTelling(callee)) return none
    if (callee === "check") return this.#check(node, at, scope)
    const [first, second] = node.arguments
    if (callee === "sleep") return { events: [], at: at + this.#number(first, node, scope) * 1000 }
    if (callee === "group") {
      const inner = this.functionOf(second, scope)
      return inner === undefined ? none : { events: this.body(inner, at), at }
    }
    if (this.#isTimer(node)) return { events: this.#timer(node, at, scope), at }
    if (node.callee.type !== "MemberExpression")
      throw new Refusal(node, `${callee === undefined ? "this call" : `${callee}()`} has no counterpart`)
    const method = memberName(node.callee)
    if (!this.#isSocket(node.callee.object, scope)) {
      // Metrics of the script's own.
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
    const called = this.functionOf(first, scope)
    if (called === undefined) throw new Refusal(node, "the function of this timer is not in this script")
    const after = this.#number(second, node, scope)
    if (!(after > 0)) throw new Refusal(node, "a timer without a time has no counterpart")
    if (calleeOf(node)?.endsWith("setTimeout") === true) return this.body(called, at + after)
    const steps = this.#sequence(this.body(called, 0), node)
    return [{ _tag: "Every", at, period: after, steps }]
  }
}

interface Done {
  readonly events: ReadonlyArray<Event>
  /** The time after it, in milliseconds. */
  readonly at: number
}

const WORDS: Readonly<Record<string, string>> = {
  IfStatement: "if",
  WhileStatement: "while",
  ForOfStatement: "for ... of",
  SwitchStatement: "switch",
  TryStatement: "try",
  ThrowStatement: "throw"
}

const lineOf = (node: Node): number => node.loc?.start.line ?? 1

/** `k6/ws` gives the message itself, `k6/websockets` an event. */
const replyIn = ({ scope }: Handler): Binding =>
  scope.get("*events")?._tag === "Event" ? { _tag: "Event" } : { _tag: "Reply", path: undefined }

const sendOf = (value: Value): NonNullable<StepText["send"]> =>
  value.isText === true && typeof value.json === "object" ? { json: value.json } : textOf(value)
