/** The imports and exports of a module, which becomes the body of a function that runs once for each client. */
import { dirname, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type * as Acorn from "acorn"
import { lineOf } from "./Source.ts"

/** Whether a module is a file of the user, and no module of k6 or at a URL. */
export const isLocal = (module: string): boolean => /^(?:\.{0,2}\/|file:)/.test(module)

/** The path of a file that the file `from` names. */
export const pathOf = (from: string, file: string): string =>
  file.startsWith("file:") ? fileURLToPath(file) : resolve(dirname(from), file)

/** Changes of a text, by position. */
export class Edits {
  readonly #text: string
  readonly #edits: Array<{ readonly from: number; readonly to: number; readonly with: string }> = []

  constructor(text: string) {
    this.#text = text
  }

  insert(at: number, text: string): void {
    this.replace(at, at, text)
  }

  /** Replaces a part. The lines of what follows stay where they are. */
  replace(from: number, to: number, text: string): void {
    const lines = this.#text.slice(from, to).replaceAll(/[^\n]/g, "")
    this.#edits.push({ from, to, with: text + lines })
  }

  remove(from: number, to: number): void {
    this.replace(from, to, "")
  }

  get text(): string {
    let at = 0
    let made = ""
    for (const edit of this.#edits.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
      made += this.#text.slice(at, edit.from) + edit.with
      at = Math.max(at, edit.to)
    }
    return made + this.#text.slice(at)
  }
}

/** What a name of a module is bound to: `default`, `*` (all of the module) or the name of an export. */
interface Bound {
  readonly module: string
  readonly name: string
  readonly line: number
}

/** The names that a module imports, as it calls them. */
export type ImportedNames = ReadonlyMap<string, Bound>

const keyOf = (node: Acorn.Identifier | Acorn.Literal): string =>
  node.type === "Identifier" ? node.name : String(node.value)

export const imported = (program: Acorn.Program): ImportedNames => {
  const bound = new Map<string, Bound>()
  for (const node of program.body) {
    if (node.type !== "ImportDeclaration") continue
    for (const one of node.specifiers) {
      const name =
        one.type === "ImportSpecifier" ? keyOf(one.imported) : one.type === "ImportDefaultSpecifier" ? "default" : "*"
      bound.set(one.local.name, { module: String(node.source.value), name, line: lineOf(node) })
    }
  }
  return bound
}

const declaredIn = (pattern: Acorn.Pattern): ReadonlyArray<string> => {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name]
    case "ObjectPattern":
      return pattern.properties.flatMap((one) => declaredIn(one.type === "Property" ? one.value : one.argument))
    case "ArrayPattern":
      return pattern.elements.flatMap((one) => (one === null ? [] : declaredIn(one)))
    case "AssignmentPattern":
      return declaredIn(pattern.left)
    case "RestElement":
      return declaredIn(pattern.argument)
    default:
      return []
  }
}

const DEFAULT = "__default"

const editNamed = (node: Acorn.ExportNamedDeclaration, edits: Edits): ReadonlyArray<readonly [string, string]> => {
  const { declaration } = node
  if (declaration === null || declaration === undefined) {
    edits.remove(node.start, node.end)
    const from = node.source === null || node.source === undefined ? undefined : JSON.stringify(node.source.value)
    return node.specifiers.map(({ exported, local }) => {
      const name = keyOf(local)
      return [keyOf(exported), from === undefined ? name : `__import(${from})[${JSON.stringify(name)}]`]
    })
  }
  edits.remove(node.start, declaration.start)
  if (declaration.type !== "VariableDeclaration") return [[declaration.id.name, declaration.id.name]]
  return declaration.declarations.flatMap(({ id }) => declaredIn(id)).map((name) => [name, name] as const)
}

/** The code of the function's body. It fills `__exports` at its end. */
export const editModule = (program: Acorn.Program, names: ImportedNames, edits: Edits): string => {
  const prelude = [...names].map(([local, { module, name }]) => {
    const from = `__import(${JSON.stringify(module)})`
    return `const ${local} = ${name === "*" ? from : `${from}[${JSON.stringify(name)}]`};`
  })
  const exported: Array<readonly [name: string, value: string]> = []
  const all: Array<string> = []
  for (const node of program.body) {
    switch (node.type) {
      case "ImportDeclaration":
        edits.remove(node.start, node.end)
        break
      case "ExportAllDeclaration":
        edits.remove(node.start, node.end)
        all.push(`Object.assign(__exports, __import(${JSON.stringify(node.source.value)}));`)
        break
      case "ExportDefaultDeclaration": {
        const { declaration } = node
        const isNamed =
          (declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration") &&
          declaration.id !== null
        exported.push(["default", isNamed ? declaration.id.name : DEFAULT])
        edits.replace(node.start, declaration.start, isNamed ? "" : `const ${DEFAULT} = `)
        if (!isNamed) edits.insert(node.end, ";")
        break
      }
      case "ExportNamedDeclaration":
        exported.push(...editNamed(node, edits))
    }
  }
  const last = exported.map(([name, value]) => `__exports[${JSON.stringify(name)}] = ${value};`)
  return `"use strict"; { ${prelude.join(" ")} ${edits.text}\n${[...all, ...last].join("\n")}\n}`
}
