import { type Alias, type Document, isNode, visit } from "yaml"

/** The problem with an alias (`*name`), and its offset in the text. */
interface AliasProblem {
  readonly message: string
  readonly offset: number
}

const problemOf = (document: Document, alias: Alias, around: ReadonlyArray<unknown>): string | undefined => {
  const meant = alias.resolve(document)
  if (meant === undefined) {
    return `*${alias.source} stands for nothing: no &${alias.source} comes before it (text that begins with * needs quotes)`
  }
  return around.includes(meant)
    ? `*${alias.source} stands within what it stands for, so that there is no end`
    : undefined
}

/** The first alias without a meaning: `toJS` of such a document throws, or makes a value that never ends. */
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

/** The value of a document, or the error in its aliases. The document must have no other errors. */
export const read = (document: Document): { readonly value: unknown } | AliasProblem => {
  const problem = firstProblem(document)
  if (problem !== undefined) return problem
  try {
    return { value: document.toJS() }
  } catch (error) {
    // What is left: aliases of aliases that would fill the memory.
    const offset = isNode(document.contents) ? (document.contents.range?.[0] ?? 0) : 0
    return { message: error instanceof Error ? error.message : String(error), offset }
  }
}
