import { type Alias, type Document, isNode, visit } from "yaml"

/** What is wrong with an alias (`*name`), and its offset in the text. */
interface AliasProblem {
  readonly message: string
  readonly offset: number
}

const problemOf = (document: Document, alias: Alias, around: ReadonlyArray<unknown>): string | undefined => {
  const meant = alias.resolve(document)
  if (meant === undefined) {
    return `the alias *${alias.source} has no anchor &${alias.source} before it (text that begins with * needs quotes)`
  }
  return around.includes(meant)
    ? `the alias *${alias.source} is inside its own anchor, so the value would be infinite`
    : undefined
}

/** The first invalid alias. `toJS` of such a document would throw or make an infinite value. */
const firstProblem = (document: Document): AliasProblem | undefined => {
  let found: AliasProblem | undefined
  visit(document, {
    Alias: (_, alias, path) => {
      const message = problemOf(document, alias, path)
      if (message === undefined) return undefined
      found = { message, offset: alias.range?.[0] ?? 0 }
      return visit.BREAK
    }
  })
  return found
}

/** The value of a document, or the problem with its aliases. The document must have no other errors. */
export const read = (document: Document): { readonly value: unknown } | AliasProblem => {
  const problem = firstProblem(document)
  if (problem !== undefined) return problem
  try {
    return { value: document.toJS() }
  } catch (error) {
    // The remaining reason is aliases of aliases, which would fill the memory.
    const offset = isNode(document.contents) ? (document.contents.range?.[0] ?? 0) : 0
    return { message: error instanceof Error ? error.message : String(error), offset }
  }
}
