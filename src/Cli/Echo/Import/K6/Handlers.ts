/** The event handlers of a k6 script's socket. */
import type { AnyNode, Expression } from "acorn"
import { Refusal } from "./Refusal.ts"
import type { AnyFunction, Scope } from "./Scope.ts"
import { memberName } from "./Value.ts"

export interface Handler {
  readonly node: AnyFunction
  readonly scope: Scope
}

/** The function that an argument is or refers to. */
export const functionOf = (node: AnyNode | undefined, scope: Scope): Handler | undefined => {
  if (node?.type === "ArrowFunctionExpression" || node?.type === "FunctionExpression") return { node, scope }
  if (node?.type !== "Identifier") return undefined
  const binding = scope.get(node.name)
  if (binding?._tag === "Function") return binding
  return binding?._tag === "Value" ? functionOf(binding.init, binding.scope) : undefined
}

export const isSocket = (node: AnyNode, scope: Scope): boolean =>
  node.type === "Identifier" && scope.get(node.name)?._tag === "Socket"

export class Handlers {
  readonly #handlers = new Map<string, Handler>()

  of(name: string): Handler | undefined {
    return this.#handlers.get(name)
  }

  get names(): Iterable<string> {
    return this.#handlers.keys()
  }

  /** Registers `socket.on("open", ...)`, `socket.onopen = ...` or `socket.addEventListener(...)`. Returns whether the expression is one of these. */
  register(node: Expression, scope: Scope): boolean {
    const [name, handler] = this.#registration(node, scope) ?? []
    if (name === undefined || handler === undefined) return false
    const known = functionOf(handler, scope)
    if (known === undefined) throw new Refusal(handler, `the function that handles ${name} is not in this script`)
    if (this.#handlers.has(name)) throw new Refusal(node, `a second handler for ${name} has no counterpart`)
    this.#handlers.set(name, known)
    return true
  }

  #registration(node: Expression, scope: Scope): readonly [name: string, handler: AnyNode | undefined] | undefined {
    if (node.type === "AssignmentExpression" && node.left.type === "MemberExpression") {
      const name = memberName(node.left)
      const isHandler = name?.startsWith("on") === true && isSocket(node.left.object, scope)
      return isHandler ? [name.slice(2), node.right] : undefined
    }
    if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return undefined
    const [event, handler] = node.arguments
    const isOn = ["on", "addEventListener"].includes(memberName(node.callee) ?? "")
    if (!isOn || !isSocket(node.callee.object, scope)) return undefined
    return event?.type === "Literal" ? [String(event.value), handler] : undefined
  }
}
