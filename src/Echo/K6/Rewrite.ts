/**
 * Rewrites the modules of a k6 script. In k6 some calls block the script, here they return promises: the functions that call
 * them, directly or through others, become `async`, and the calls are awaited. Every line stays where it is.
 */
import type * as Acorn from "acorn"
import { Blocking, type Call, type Known } from "./Blocking.ts"
import { Edits, editModule, type ImportedNames, imported } from "./Modules.ts"
import { childrenOf, nameOf, type Source } from "./Source.ts"

/** Where `async` belongs, before a function or before the name of its method. */
const asyncAt = (known: Known, parents: ReadonlyMap<Acorn.AnyNode, Acorn.AnyNode>): number => {
  const parent = parents.get(known.node)
  if (parent?.type === "Property" && parent.method) return parent.start
  if (parent?.type !== "MethodDefinition") return known.node.start
  return parent.computed ? known.source.text.lastIndexOf("[", parent.key.start) : parent.key.start
}

const parentsOf = (root: Acorn.AnyNode): ReadonlyMap<Acorn.AnyNode, Acorn.AnyNode> => {
  const parents = new Map<Acorn.AnyNode, Acorn.AnyNode>()
  const visit = (node: Acorn.AnyNode) => {
    for (const child of childrenOf(node)) {
      parents.set(child, node)
      visit(child)
    }
  }
  visit(root)
  return parents
}

/** The number of the iteration changes during a run, so it is a member in place of a variable. */
const editIterations = (node: Acorn.AnyNode, parent: Acorn.AnyNode | undefined, edits: Edits): void => {
  if (node.type === "Identifier" && node.name === "__ITER") {
    const isKey = parent?.type === "Property" && parent.key === node && parent.value !== node
    const isMember = parent?.type === "MemberExpression" && parent.property === node && !parent.computed
    const isShort = parent?.type === "Property" && parent.shorthand
    if (!isKey && !isMember) edits.replace(node.start, node.end, isShort ? "__ITER: __k6.iteration" : "__k6.iteration")
    return
  }
  for (const child of childrenOf(node)) {
    // Acorn gives a shorthand's key and value as one node.
    if (node.type === "Property" && node.shorthand && child === node.key && node.key !== node.value) continue
    editIterations(child, node, edits)
  }
}

const editCall = (blocking: Blocking, call: Call, text: string, edits: Edits): void => {
  const { isStatement, node } = call
  // A statement that began with a parenthesis could belong to the line before it.
  const [open, close] = isStatement ? ["await ", ""] : ["(await ", ")"]
  edits.insert(node.start, open)
  edits.insert(node.end, close)
  const [first] = node.arguments
  if (!blocking.isList(call) || node.callee.type !== "MemberExpression" || first === undefined) return
  edits.insert(node.start, `__k6.list(${JSON.stringify(nameOf(node.callee.property))}, `)
  edits.replace(text.lastIndexOf(".", node.callee.property.start), first.start, ", ")
}

/** The modules of a script, rewritten, by file. `names` says what each imports and exports. */
export const rewrite = (
  sources: ReadonlyArray<Source>
): ReadonlyMap<string, { readonly code: string; readonly names: ImportedNames }> => {
  const blocking = new Blocking()
  const all = sources.map((source) => ({ source, names: imported(source.program) }))
  for (const { names, source } of all) blocking.add(source, names)
  return new Map(
    all.map(({ names, source }) => {
      const edits = new Edits(source.text)
      const parents = parentsOf(source.program)
      editIterations(source.program, undefined, edits)
      for (const call of blocking.callsOf(names))
        if (call.within !== undefined) editCall(blocking, call, source.text, edits)
      for (const known of blocking.functions) {
        if (known.source === source && known.blocks && !known.node.async)
          edits.insert(asyncAt(known, parents), "async ")
      }
      return [source.file, { code: editModule(source.program, names, edits), names }]
    })
  )
}
