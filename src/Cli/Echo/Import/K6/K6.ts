/**
 * Converts a k6 script whose default function opens one WebSocket to a scenario. The script is parsed but never run, so the
 * actions of its handlers must be known from its text.
 */
import * as Acorn from "acorn"
import * as Either from "effect/Either"
import type { Converted, Findings, Options, ScenarioText, StepText } from "../Conversion.ts"
import { Conversation } from "./Conversation.ts"
import { functionOf } from "./Handlers.ts"
import { convertOptions } from "./LoadOptions.ts"
import { Refusal } from "./Refusal.ts"
import { type AnyFunction, Scope } from "./Scope.ts"
import type { Event } from "./Timeline.ts"
import { calleeOf, textOf, Values } from "./Value.ts"

interface Problem {
  readonly line: number
  readonly message: string
}

const parse = (text: string): Either.Either<Acorn.Program, Problem> =>
  Either.try({
    try: () => Acorn.parse(text, { ecmaVersion: "latest", sourceType: "module", locations: true }),
    catch: (error) => ({
      line: isSyntaxError(error) ? error.loc.line : 1,
      message: `it is not JavaScript: ${error instanceof Error ? error.message.replace(/ \(\d+:\d+\)$/, "") : String(error)}`
    })
  })

const isSyntaxError = (error: unknown): error is { readonly loc: Acorn.Position } =>
  error instanceof SyntaxError && "loc" in error

/** The names that are assigned again while the script runs. */
const reassigned = (node: unknown, found = new Set<string>()): ReadonlySet<string> => {
  if (Array.isArray(node)) for (const each of node) reassigned(each, found)
  else if (typeof node === "object" && node !== null) {
    const { argument, left, type } = node as {
      readonly type?: string
      readonly left?: Acorn.Node
      readonly argument?: Acorn.Node
    }
    const target = type === "AssignmentExpression" ? left : type === "UpdateExpression" ? argument : undefined
    if (target?.type === "Identifier" && "name" in target) found.add(String(target.name))
    for (const [key, value] of Object.entries(node)) if (key !== "loc") reassigned(value, found)
  }
  return found
}

interface Module {
  readonly scope: Scope
  readonly main: AnyFunction | undefined
  readonly options: { readonly node: Acorn.Expression } | undefined
}

const readModule = (program: Acorn.Program): Module => {
  const scope = new Scope(reassigned(program))
  let main: AnyFunction | undefined
  let options: Module["options"]
  const declare = (node: Acorn.Statement | Acorn.Declaration) => {
    if (node.type === "FunctionDeclaration") scope.set(node.id.name, { _tag: "Function", node, scope })
    if (node.type !== "VariableDeclaration") return
    for (const { id, init } of node.declarations) {
      if (id.type !== "Identifier" || !init) continue
      scope.set(id.name, { _tag: "Value", init, scope })
      if (id.name === "options") options = { node: init }
    }
  }
  for (const node of program.body) {
    switch (node.type) {
      case "ImportDeclaration":
        for (const one of node.specifiers) {
          const imported = one.type === "ImportSpecifier" ? one.imported : undefined
          const name = imported?.type === "Identifier" ? imported.name : "*"
          scope.set(one.local.name, { _tag: "Import", module: String(node.source.value), name })
        }
        break
      case "ExportNamedDeclaration":
        if (node.declaration) declare(node.declaration)
        break
      case "ExportDefaultDeclaration": {
        const { declaration } = node
        if (/^(?:Arrow)?Function/.test(declaration.type)) main = declaration as AnyFunction
        break
      }
      case "ExportAllDeclaration":
        break
      default:
        declare(node)
    }
  }
  return { scope, main, options }
}

/** The URL and options with which the script connects, and the function that gets the socket. */
interface Connection {
  readonly node: Acorn.CallExpression | Acorn.NewExpression
  readonly url: Acorn.Expression | Acorn.SpreadElement | undefined
  readonly protocols: Acorn.Expression | Acorn.SpreadElement | undefined
  readonly parameters: Acorn.Expression | Acorn.SpreadElement | undefined
  /** The function that `k6/ws` calls with the socket. */
  readonly handler: Acorn.Expression | Acorn.SpreadElement | undefined
}

const connectionIn = (node: Acorn.Expression | null | undefined, scope: Scope): Connection | undefined => {
  if (node?.type === "CallExpression" && /\.connect$/.test(calleeOf(node) ?? "")) {
    const [object = ""] = (calleeOf(node) ?? "").split(".")
    const binding = scope.get(object)
    if (binding?._tag !== "Import" || binding.module !== "k6/ws") return undefined
    const [url, parameters, handler] = node.arguments
    return handler === undefined
      ? { node, url, protocols: undefined, parameters: undefined, handler: parameters }
      : { node, url, protocols: undefined, parameters, handler }
  }
  if (node?.type !== "NewExpression" || node.callee.type !== "Identifier") return undefined
  const binding = scope.get(node.callee.name)
  if (binding?._tag !== "Import" || !/^k6\/(?:experimental\/)?websockets$/.test(binding.module)) return undefined
  const [url, protocols, parameters] = node.arguments
  return { node, url, protocols, parameters, handler: undefined }
}

class Script {
  readonly #findings: Findings
  readonly #module: Module
  readonly #values: Values
  readonly #conversation: Conversation
  #connection: { readonly at: Connection; readonly scope: Scope } | undefined

  constructor(module: Module, findings: Findings) {
    this.#module = module
    this.#findings = findings
    this.#values = new Values(findings)
    this.#conversation = new Conversation(findings, this.#values)
  }

  convert(): Converted | undefined {
    const { main, scope } = this.#module
    if (main === undefined) {
      this.#findings.refuse(1, "the script has no default function")
      return undefined
    }
    for (const name of ["setup", "teardown", "handleSummary"]) {
      const binding = scope.get(name)
      const line = binding?._tag === "Function" ? binding.node.loc?.start.line : undefined
      if (binding !== undefined) this.#findings.note(line ?? 1, `${name} is left out: it has no counterpart`)
    }
    const inner = scope.inner
    const statements = main.body.type === "BlockStatement" ? main.body.body : []
    const events = statements.flatMap(
      (statement) => this.#guard(statement, () => this.#statement(statement, inner)) ?? []
    )
    if (this.#connection === undefined) {
      this.#findings.refuse(
        main.loc?.start.line ?? 1,
        "the default function opens no WebSocket of k6/ws or k6/websockets"
      )
      return undefined
    }
    const { at, scope: where } = this.#connection
    const connect = this.#guard(at.node, () => this.#connect(at, where)) ?? {}
    const steps = this.#guard(at.node, () => this.#conversation.steps([...events, ...this.#atOnce], at.node)) ?? []
    return { scenario: this.#scenario(connect, steps, main), options: this.#options() }
  }

  #scenario(connect: ScenarioText["connect"], steps: ReadonlyArray<StepText>, main: AnyFunction): ScenarioText {
    const { variables } = this.#values
    if (steps.length === 0 && this.#findings.refusals.length === 0) {
      this.#findings.refuse(main.loc?.start.line ?? 1, "the default function does not send, wait or close")
    }
    return {
      name: "k6",
      connect,
      ...(Object.keys(variables).length === 0 ? {} : { variables }),
      // k6 passes every message to a handler, so unexpected messages are not errors.
      unmatched: "ignore",
      steps
    }
  }

  /** Runs `make`. If it throws a `Refusal`, the refusal is recorded. */
  #guard<A>(node: Acorn.Node, make: () => A): A | undefined {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.#findings.refuse(error.line || (node.loc?.start.line ?? 1), error.message)
      return undefined
    }
  }

  /** Converts a statement of the default function. */
  #statement(statement: Acorn.Statement, scope: Scope): ReadonlyArray<Event> {
    if (statement.type === "VariableDeclaration") {
      for (const { id, init } of statement.declarations) {
        const connection = connectionIn(init, scope)
        if (connection === undefined) continue
        this.#open(connection, scope)
        if (id.type === "Identifier")
          scope.set(id.name, { _tag: connection.handler === undefined ? "Socket" : "Unknown" })
        return []
      }
    }
    if (statement.type === "ExpressionStatement") {
      const { expression } = statement
      const connection = connectionIn(expression, scope)
      if (connection !== undefined) {
        this.#open(connection, scope)
        return []
      }
      if (expression.type === "CallExpression" && calleeOf(expression) === "sleep") {
        this.#findings.note(statement.loc?.start.line ?? 1, "the pause between two conversations is left out")
        return []
      }
    }
    return this.#conversation.statements.of([statement], 0, scope)
  }

  #open(connection: Connection, scope: Scope): void {
    if (this.#connection !== undefined) throw new Refusal(connection.node, "a second WebSocket has no counterpart")
    const inner = scope.inner
    this.#connection = { at: connection, scope: inner }
    const { handler } = connection
    if (handler === undefined) {
      scope.set("*events", { _tag: "Event" })
      return
    }
    const known = functionOf(handler, scope)
    if (known === undefined) throw new Refusal(handler, "the function that gets the socket is not in this script")
    // The function is called when the socket is open.
    const own = { node: known.node, scope: inner }
    const events = this.#conversation.statements.body(own, 0, { _tag: "Socket" })
    this.#atOnce.push(...events)
  }

  /** The statements of the function of `k6/ws` that are not handlers. */
  readonly #atOnce: Array<Event> = []

  #connect({ node, parameters, protocols, url }: Connection, scope: Scope): ScenarioText["connect"] {
    if (url === undefined) throw new Refusal(node, "there is no URL")
    const offered = protocols === undefined ? [] : [this.#values.of(protocols, scope).json].flat()
    const given = parameters === undefined ? {} : this.#values.of(parameters, scope).json
    const headers = typeof given === "object" && given !== null && "headers" in given ? given.headers : undefined
    const compresses = typeof given === "object" && given !== null && "compression" in given
    const isProtocol = (name: string) => name.toLowerCase() === "sec-websocket-protocol"
    const all = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)] as const)
    const subprotocols = [
      ...offered.flatMap((each) => (each === null ? [] : [String(each)])),
      ...all.filter(([name]) => isProtocol(name)).flatMap(([, value]) => value.split(",").map((each) => each.trim()))
    ]
    const others = all.filter(([name]) => !isProtocol(name))
    return {
      url: textOf(this.#values.of(url, scope)),
      ...(compresses ? { compress: true } : {}),
      ...(others.length === 0 ? {} : { headers: Object.fromEntries(others) }),
      ...(subprotocols.length === 0 ? {} : { subprotocols })
    }
  }

  #options(): Options {
    const { options, scope } = this.#module
    if (options === undefined) return ["--clients", "1"]
    const line = options.node.loc?.start.line ?? 1
    const value = this.#guard(options.node, () => this.#values.of(options.node, scope).json)
    return convertOptions(value, (message) => this.#findings.note(line, message))
  }
}

/** Converts the script to a scenario. On the left: the line and the reason of a syntax error. */
export const convertK6 = (text: string, findings: Findings): Either.Either<Converted | undefined, Problem> =>
  Either.map(parse(text), (program) => {
    return new Script(readModule(program), findings).convert()
  })
