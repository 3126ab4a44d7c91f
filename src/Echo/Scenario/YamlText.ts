/** Reads a text in YAML or JSON, with the line of each of its parts. */
import * as Either from "effect/Either"
import { type Alias, type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from "yaml"
import { messageOf } from "../../Text/Thrown.ts"

type Path = ReadonlyArray<PropertyKey>

export interface YamlText {
  readonly value: unknown
  /** The line of a field, from 1: that of its key, or else of the closest node around it. */
  readonly lineOf: (path: Path) => number
}

/** Why a text can't be read, and its line, from 1. */
export interface Mistake {
  readonly line: number
  readonly message: string
}

const offsetOf = (document: Document, path: Path): number => {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key)
      if (pair !== undefined && isNode(pair.key) && pair.key.range) return pair.key.range[0]
    }
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
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

interface Wrong {
  readonly offset: number
  readonly message: string
}

/** The first invalid alias. `toJS` of such a document would throw or make an infinite value. */
const wrongAlias = (document: Document): Wrong | undefined => {
  let found: Wrong | undefined
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

const contentOf = (document: Document): Either.Either<unknown, Wrong> => {
  const [broken] = document.errors
  if (broken !== undefined) return Either.left({ offset: broken.pos[0], message: broken.message })
  const wrong = wrongAlias(document)
  if (wrong !== undefined) return Either.left(wrong)
  return Either.try({
    try: (): unknown => document.toJS(),
    // The remaining reason is aliases of aliases, which would fill the memory.
    catch: (error) => ({
      offset: isNode(document.contents) ? (document.contents.range?.[0] ?? 0) : 0,
      message: messageOf(error)
    })
  })
}

/** The value of a text is `null` if the text is empty. On the left: its first mistake. */
export const read = (text: string): Either.Either<YamlText, Mistake> => {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const lineAt = (offset: number) => Math.max(1, lineCounter.linePos(offset).line)
  return Either.mapBoth(contentOf(document), {
    onLeft: ({ message, offset }) => ({ line: lineAt(offset), message }),
    onRight: (value) => ({ value, lineOf: (path) => lineAt(offsetOf(document, path)) })
  })
}
