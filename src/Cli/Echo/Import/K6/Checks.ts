/** Converts the conditions of `check` on a message to an expectation. */
import type { AnyNode, CallExpression, Expression } from "acorn"
import type { StepText } from "../Conversion.ts"
import { merge } from "../Json.ts"
import { Refusal } from "./Refusal.ts"
import type { Binding, Scope } from "./Scope.ts"
import { calleeOf, memberName, textOf, type Values } from "./Value.ts"

export type Expect = Exclude<NonNullable<StepText["expect"]>, string>

/** The message, or the place in its JSON, to which an expression refers. */
export const replyOf = (node: AnyNode, scope: Scope): Binding | undefined => {
  if (node.type === "Identifier") {
    const binding = scope.get(node.name)
    if (binding?._tag !== "Value") return binding
    return replyOf(binding.init, binding.scope)
  }
  if (node.type === "CallExpression" && calleeOf(node) === "JSON.parse" && node.arguments[0] !== undefined) {
    const inner = replyOf(node.arguments[0], scope)
    return inner?._tag === "Reply" && inner.path === undefined ? { _tag: "Reply", path: [] } : undefined
  }
  if (node.type !== "MemberExpression") return undefined
  const [object, name] = [replyOf(node.object, scope), memberName(node)]
  if (object?._tag === "Event" && name === "data") return { _tag: "Reply", path: undefined }
  if (object?._tag !== "Reply" || object.path === undefined || name === undefined) return undefined
  return { _tag: "Reply", path: [...object.path, name] }
}

const escapePattern = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]|/-]/g, "\\$&")

/** Combines two conditions; `undefined` if one expectation can't express both. */
const both = (a: Expect | undefined, b: Expect | undefined): Expect | undefined => {
  if (a?.json !== undefined && b?.json !== undefined) return { json: merge(a.json, b.json) }
  return a === undefined || b === undefined ? undefined : JSON.stringify(a) === JSON.stringify(b) ? a : undefined
}

export class Checks {
  readonly #values: Values

  constructor(values: Values) {
    this.#values = values
  }

  /** The expectation of `check(message, {name: (message) => condition})`; throws a `Refusal` for any other form. */
  of(call: CallExpression, scope: Scope): Expect {
    const [subject, conditions] = call.arguments
    const about = subject === undefined ? undefined : replyOf(subject, scope)
    if (about === undefined || conditions?.type !== "ObjectExpression")
      throw new Refusal(call, "this check is not about a message")
    const expects = conditions.properties.map((property) => {
      const condition = property.type === "Property" ? property.value : undefined
      if (condition?.type !== "ArrowFunctionExpression" || condition.body.type === "BlockStatement") return undefined
      const inner = scope.inner
      const [parameter] = condition.params
      if (parameter?.type === "Identifier") inner.set(parameter.name, about)
      return this.#condition(condition.body, inner)
    })
    const [first, ...others] = expects
    const all = others.reduce<Expect | undefined>(both, first)
    if (all === undefined)
      throw new Refusal(call, "this check has no counterpart: ===, includes, startsWith and /.../.test() have")
    return all
  }

  #condition(node: Expression, scope: Scope): Expect | undefined {
    if (node.type === "LogicalExpression" && node.operator === "&&") {
      return both(this.#condition(node.left, scope), this.#condition(node.right, scope))
    }
    if (node.type === "BinaryExpression" && /^={2,3}$/.test(node.operator))
      return this.#equals(node.left, node.right, scope)
    if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return undefined
    const { object } = node.callee
    const [argument] = node.arguments
    const method = memberName(node.callee)
    if (argument === undefined) return undefined
    if (method === "test" && object.type === "Literal" && object.regex !== undefined && object.regex.flags === "") {
      return isText(replyOf(argument, scope)) ? { pattern: object.regex.pattern } : undefined
    }
    if (!isText(replyOf(object, scope))) return undefined
    const pattern = escapePattern(textOf(this.#values.of(argument, scope)))
    return method === "includes" ? { pattern } : method === "startsWith" ? { pattern: `^${pattern}` } : undefined
  }

  #equals(left: AnyNode, right: AnyNode, scope: Scope): Expect | undefined {
    const reply = replyOf(left, scope)
    if (reply?._tag !== "Reply") return undefined
    const value = this.#values.of(right, scope)
    if (reply.path === undefined) return { exact: textOf(value) }
    return { json: reply.path.reduceRight<unknown>((inner, member) => ({ [member]: inner }), value.json) }
  }
}

const isText = (binding: Binding | undefined): boolean => binding?._tag === "Reply" && binding.path === undefined
