/** Which functions and calls of a script block: `sleep`, requests and `ws.connect` of `k6/ws`, and what calls them. */
import type * as Acorn from "acorn"
import { type ImportedNames, isLocal } from "./Modules.ts"
import { childrenOf, lineOf, nameOf, type Source, SourceError } from "./Source.ts"

type Fn = Acorn.FunctionDeclaration | Acorn.FunctionExpression | Acorn.ArrowFunctionExpression

const isFunction = (node: Acorn.AnyNode | null | undefined): node is Fn =>
  node?.type === "FunctionDeclaration" ||
  node?.type === "FunctionExpression" ||
  node?.type === "ArrowFunctionExpression"

const BLOCKING: Readonly<Record<string, ReadonlyArray<string>>> = {
  k6: ["sleep", "group"],
  "k6/http": ["get", "head", "post", "put", "patch", "del", "options", "request", "batch"],
  "k6/ws": ["connect"]
}

/** The functions of lists whose callbacks may block. */
const LISTS = new Set(["forEach", "map", "filter", "some", "every", "find", "findIndex", "reduce", "flatMap", "from"])

export interface Call {
  readonly node: Acorn.CallExpression
  readonly within: Known | undefined
  readonly isStatement: boolean
  readonly names: ImportedNames
}

export interface Known {
  readonly node: Fn
  readonly source: Source
  /** The names by which it is called: plainly, and as a member. */
  readonly plain: Set<string>
  readonly member: Set<string>
  readonly cannot: string | undefined
  blocks: boolean
}

/** Finds the functions and calls of all modules of a script that block. */
export class Blocking {
  readonly #known = new Map<Fn, Known>()
  readonly #calls: Array<Call> = []
  /** Two names of one function: `const b = a`, `{b: a}`, `import {a as b}`. */
  readonly #aliases: Array<readonly [from: string, to: string, isMember: boolean]> = []
  readonly #plain = new Set<string>()
  readonly #member = new Set<string>()

  add(source: Source, names: ImportedNames): void {
    for (const [local, { module, name }] of names) {
      if (isLocal(module) && name !== "*") this.#aliases.push([name, local, false])
    }
    this.#visit(source, names, source.program, undefined, undefined)
    this.#spread()
  }

  get functions(): Iterable<Known> {
    return this.#known.values()
  }

  callsOf(names: ImportedNames): ReadonlyArray<Call> {
    return this.#calls.filter((call) => call.names === names && this.blocks(call))
  }

  blocks(call: Call): boolean {
    return this.#isBuiltIn(call) || this.#callsKnown(call) || this.isList(call)
  }

  #isBuiltIn({ names, node: { callee } }: Call): boolean {
    if (callee.type === "Identifier") {
      const bound = names.get(callee.name)
      return bound !== undefined && BLOCKING[bound.module]?.includes(bound.name) === true
    }
    if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier") return false
    const bound = names.get(callee.object.name)
    const name = nameOf(callee.property)
    if (bound === undefined || (bound.name !== "*" && bound.name !== "default")) return false
    return name !== undefined && BLOCKING[bound.module]?.includes(name) === true
  }

  #callsKnown({ names, node: { callee } }: Call): boolean {
    if (callee.type === "Identifier") return this.#plain.has(callee.name)
    if (isFunction(callee)) return this.#known.get(callee)?.blocks === true
    if (callee.type !== "MemberExpression") return false
    const name = nameOf(callee.property)
    if (name === undefined) return false
    const { object } = callee
    const isOwn = object.type === "Identifier" && isLocal(names.get(object.name)?.module ?? "")
    return this.#member.has(name) || (isOwn && this.#plain.has(name))
  }

  #isBlockingFunction(node: Acorn.AnyNode): boolean {
    if (isFunction(node)) return this.#known.get(node)?.blocks === true
    return node.type === "Identifier" && this.#plain.has(node.name)
  }

  /** Whether it is a call such as `list.forEach(callback)` with a callback that waits. */
  isList({ node: { arguments: given, callee, optional } }: Call): boolean {
    return (
      callee.type === "MemberExpression" &&
      !callee.computed &&
      !callee.optional &&
      !optional &&
      LISTS.has(nameOf(callee.property) ?? "") &&
      given.some((argument) => this.#isBlockingFunction(argument))
    )
  }

  /** A function whose own calls wait, waits; so do those that call it, until nothing changes. */
  #spread(): void {
    for (let before = -1, now = 0; before !== now; ) {
      before = now
      for (const [from, to, isMember] of this.#aliases) {
        if (this.#plain.has(from)) (isMember ? this.#member : this.#plain).add(to)
      }
      for (const call of this.#calls) {
        const { node, within } = call
        if (within !== undefined && !within.blocks && this.blocks(call)) this.#mark(within)
        // A function that gets one that waits, calls it by the name of its parameter.
        const called = node.callee.type === "Identifier" ? node.callee.name : undefined
        for (const [at, argument] of node.arguments.entries()) {
          if (called === undefined || !this.#isBlockingFunction(argument)) continue
          for (const known of this.#known.values()) {
            const parameter = known.plain.has(called) ? nameOf(known.node.params[at]) : undefined
            if (parameter !== undefined) this.#plain.add(parameter)
          }
        }
      }
      now = this.#plain.size + this.#member.size + [...this.#known.values()].filter(({ blocks }) => blocks).length
    }
  }

  #mark(known: Known): void {
    if (known.cannot !== undefined) {
      const message = `${known.cannot} that waits can't be run: sleep, http and ws.connect wait`
      throw new SourceError({ file: known.source.file, line: lineOf(known.node), message })
    }
    known.blocks = true
    for (const name of known.plain) this.#plain.add(name)
    for (const name of known.member) this.#member.add(name)
  }

  #visit(
    source: Source,
    names: ImportedNames,
    node: Acorn.AnyNode,
    parent: Acorn.AnyNode | undefined,
    within: Known | undefined
  ): void {
    let inside = within
    if (isFunction(node)) {
      inside = this.#functionOf(source, node, parent)
      this.#known.set(node, inside)
    }
    if (node.type === "CallExpression") {
      this.#calls.push({ node, within, names, isStatement: parent?.type === "ExpressionStatement" })
    }
    this.#alias(node)
    for (const child of childrenOf(node)) this.#visit(source, names, child, node, inside)
  }

  #alias(node: Acorn.AnyNode): void {
    const add = (from: Acorn.AnyNode | null | undefined, to: string | undefined, isMember: boolean) => {
      if (from?.type === "Identifier" && to !== undefined) this.#aliases.push([from.name, to, isMember])
    }
    if (node.type === "VariableDeclarator") add(node.init, nameOf(node.id), false)
    if (node.type === "Property" && node.value.type === "Identifier") add(node.value, nameOf(node.key), true)
    if (node.type === "AssignmentExpression") {
      if (node.left.type === "MemberExpression") add(node.right, nameOf(node.left.property), true)
      else add(node.right, nameOf(node.left), false)
    }
  }

  #functionOf(source: Source, node: Fn, parent: Acorn.AnyNode | undefined): Known {
    const plain = new Set<string>()
    const member = new Set<string>()
    let cannot = node.generator ? "a generator" : undefined
    const own = node.type === "ArrowFunctionExpression" ? undefined : nameOf(node.id)
    if (own !== undefined) plain.add(own)
    switch (parent?.type) {
      case "VariableDeclarator":
        plain.add(nameOf(parent.id) ?? "")
        break
      case "Property":
        if (parent.value === node) member.add(nameOf(parent.key) ?? "")
        if (parent.kind !== "init") cannot = "a getter or setter"
        break
      case "PropertyDefinition":
      case "MethodDefinition":
        member.add(nameOf(parent.key) ?? "")
        if (parent.type === "PropertyDefinition" || parent.kind === "method") break
        cannot = parent.kind === "constructor" ? "a constructor" : "a getter or setter"
        break
      case "AssignmentExpression":
        if (parent.left.type === "MemberExpression") member.add(nameOf(parent.left.property) ?? "")
        else plain.add(nameOf(parent.left) ?? "")
        break
      case "ExportDefaultDeclaration":
        plain.add("default")
    }
    return { node, source, plain, member, cannot, blocks: false }
  }
}
