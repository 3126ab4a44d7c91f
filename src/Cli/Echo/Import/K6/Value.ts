/** The value of an expression in a k6 script: a constant, or a template that is filled in for each client. */
import type { AnyNode, CallExpression, Expression, MemberExpression, Super } from "acorn"
import type { Findings } from "../Conversion.ts"
import { isObject } from "../Json.ts"
import { Refusal } from "./Refusal.ts"
import type { Scope } from "./Scope.ts"

export interface Value {
  /** JSON whose strings are templates. */
  readonly json: unknown
  /** Whether it is a template whose value is a number. */
  readonly isNumber?: boolean
  /** Whether the value is the text that `JSON.stringify` makes from `json`. */
  readonly isText?: boolean
}

const number = (template: string): Value => ({ json: template, isNumber: true })

/** Escapes braces in a text, so that they are no placeholders. */
const literally = (text: string): string => text.replaceAll("{{", "{{'{{'}}")

/** The value inside JSON. Numbers have no quotes. */
const member = ({ isNumber, isText, json }: Value): unknown => {
  if (isText === true) return textOf({ json, isText })
  return isNumber === true ? String(json).replace("}}", " | number}}") : json
}

/** The value as a part of a longer text. */
export const textOf = ({ isText, json }: Value): string => {
  if (typeof json === "string" && isText !== true) return json
  if (typeof json !== "object" && isText !== true) return String(json)
  return JSON.stringify(json).replaceAll(/"\{\{([^{}"]*) \| number\}\}"/g, "{{$1}}")
}

export const memberName = ({ computed, property }: MemberExpression): string | undefined => {
  if (!computed) return property.type === "Identifier" ? property.name : undefined
  return property.type === "Literal" ? String(property.value) : undefined
}

/** `a.b` of a call `a.b()`, `f` of `f()`. */
export const calleeOf = ({ callee }: CallExpression): string | undefined => {
  if (callee.type === "Identifier") return callee.name
  if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier") return undefined
  return `${callee.object.name}.${memberName(callee)}`
}

type Arithmetic = (a: number, b: number) => number

const arithmetic: Readonly<Record<string, Arithmetic>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b
}

export class Values {
  /** Random texts that are drawn once per conversation, by the name of their constant. */
  readonly variables: Record<string, string> = {}
  readonly #findings: Findings

  constructor(findings: Findings) {
    this.#findings = findings
  }

  /** The value of an expression. Throws a `Refusal` if there is no counterpart. */
  of(node: Expression | Super | AnyNode, scope: Scope): Value {
    switch (node.type) {
      case "Literal":
        if (node.regex === undefined && typeof node.value !== "bigint") {
          return { json: typeof node.value === "string" ? literally(node.value) : node.value }
        }
        break
      case "TemplateLiteral":
        return {
          json: node.quasis
            .map((quasi, at) => {
              const expression = node.expressions[at]
              return (
                literally(quasi.value.cooked ?? "") +
                (expression === undefined ? "" : textOf(this.of(expression, scope)))
              )
            })
            .join("")
        }
      case "Identifier":
        return this.#named(node.name, node, scope)
      case "ObjectExpression":
        return {
          json: Object.fromEntries(
            node.properties.map((property) => {
              if (property.type !== "Property" || property.computed)
                throw new Refusal(property, "only plain members are converted")
              const { key } = property
              const name = key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : ""
              return [literally(name), member(this.of(property.value, scope))]
            })
          )
        }
      case "ArrayExpression":
        return {
          json: node.elements.map((element) => (element === null ? null : member(this.of(element, scope))))
        }
      case "BinaryExpression": {
        if (node.left.type === "PrivateIdentifier") break
        return this.#binary(node, this.of(node.left, scope), this.of(node.right, scope))
      }
      case "UnaryExpression": {
        const { json } = this.of(node.argument, scope)
        if (node.operator === "-" && typeof json === "number") return { json: -json }
        break
      }
      case "LogicalExpression": {
        const { left } = node
        if (left.type === "MemberExpression" && isNamed(left.object, "__ENV") && node.operator !== "&&") {
          const { line } = new Refusal(node, "")
          this.#findings.note(line, `the default value is used instead of the environment variable ${memberName(left)}`)
          return this.of(node.right, scope)
        }
        break
      }
      case "MemberExpression":
        return this.#member(node, scope)
      case "CallExpression":
        return this.#call(node, scope)
    }
    throw new Refusal(node, "this value has no counterpart: constants, templates, JSON.stringify and __ENV have")
  }

  #named(name: string, node: AnyNode, scope: Scope): Value {
    if (name === "__VU") return number("{{client}}")
    if (name === "undefined") return { json: null }
    const binding = scope.get(name)
    if (binding?._tag !== "Value") throw new Refusal(node, `${name} is not a constant that is known before the run`)
    const value = this.of(binding.init, binding.scope)
    // A random value must be the same wherever its constant is used.
    if (typeof value.json !== "string" || !value.json.includes("{{$")) return value
    this.variables[name] = value.json
    return { ...value, json: `{{${name}}}` }
  }

  #binary(node: Expression & { readonly operator: string }, left: Value, right: Value): Value {
    const apply = arithmetic[node.operator]
    if (typeof left.json === "number" && typeof right.json === "number" && apply !== undefined) {
      return { json: apply(left.json, right.json) }
    }
    if (node.operator !== "+" || (left.isNumber === true && right.isNumber === true)) {
      throw new Refusal(node, `${node.operator} has no counterpart for values that differ from client to client`)
    }
    return { json: textOf(left) + textOf(right) }
  }

  #member(node: MemberExpression, scope: Scope): Value {
    const name = memberName(node)
    if (name !== undefined && isNamed(node.object, "__ENV")) return { json: `{{env.${name}}}` }
    const { json } = this.of(node.object, scope)
    if (name !== undefined && isObject(json) && Object.hasOwn(json, name)) return { json: json[name] }
    throw new Refusal(node, `${name ?? "this member"} is not known before the run`)
  }

  #call(node: CallExpression, scope: Scope): Value {
    const callee = calleeOf(node)
    const [first, second] = node.arguments
    switch (callee) {
      case "JSON.stringify":
        if (first !== undefined) return { json: member(this.of(first, scope)), isText: true }
        break
      case "Date.now":
        return number("{{$timestamp}}")
      case "String":
        if (first !== undefined) return { json: textOf(this.of(first, scope)) }
        break
      case "Number":
      case "parseInt":
      case "parseFloat": {
        const value = first === undefined ? Number.NaN : Number(this.of(first, scope).json)
        if (!Number.isNaN(value)) return { json: callee === "parseInt" ? Math.trunc(value) : value }
        break
      }
    }
    if (node.callee.type === "MemberExpression") {
      const method = memberName(node.callee)
      if (method === "toString" && node.arguments.length === 0)
        return { json: textOf(this.of(node.callee.object, scope)) }
      if (method === "toISOString" && node.callee.object.type === "NewExpression") return { json: "{{$iso}}" }
    }
    const drawn = this.#drawn(node, scope)
    if (drawn !== undefined) return drawn
    throw new Refusal(second ?? node, `${callee === undefined ? "this call" : `${callee}()`} has no counterpart`)
  }

  /** Converts the functions of k6-utils that return random values. */
  #drawn(node: CallExpression, scope: Scope): Value | undefined {
    if (node.callee.type !== "Identifier") return undefined
    const binding = scope.get(node.callee.name)
    if (binding?._tag !== "Import" || !binding.module.includes("k6-utils")) return undefined
    const given = node.arguments.map((argument) => this.of(argument, scope).json)
    switch (binding.name) {
      case "uuidv4":
        return { json: "{{$uuid}}" }
      case "randomString":
        return given.length === 1 ? { json: `{{$text(${given[0]})}}` } : undefined
      case "randomIntBetween":
        return number(`{{$integer(${given.join(", ")})}}`)
      case "randomItem": {
        const [items] = given
        const isPlain = Array.isArray(items) && items.every((item) => !/[(),|{}]/.test(String(item)))
        return isPlain ? { json: `{{$choice(${items.join(", ")})}}` } : undefined
      }
    }
    return undefined
  }
}

const isNamed = (node: AnyNode, name: string): boolean => node.type === "Identifier" && node.name === name
