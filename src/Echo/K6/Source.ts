/** A module of a k6 script as a tree. */
import * as Acorn from "acorn"
import * as Data from "effect/Data"
import { messageOf } from "../../Text/Thrown.ts"

export class SourceError extends Data.Error<{
  readonly file: string
  readonly line: number
  readonly message: string
}> {}

export interface Source {
  readonly file: string
  readonly text: string
  readonly program: Acorn.Program
}

export const parse = (file: string, text: string): Source => {
  try {
    return { file, text, program: Acorn.parse(text, { ecmaVersion: "latest", sourceType: "module", locations: true }) }
  } catch (error) {
    const line = error instanceof SyntaxError && "loc" in error ? (error.loc as Acorn.Position).line : 1
    const why = messageOf(error).replace(/ \(\d+:\d+\)$/, "")
    throw new SourceError({ file, line, message: `it is not JavaScript: ${why}` })
  }
}

export const lineOf = (node: Acorn.AnyNode): number => node.loc?.start.line ?? 1

/** The name that a node is, or by which it is called. */
export const nameOf = (node: Acorn.AnyNode | null | undefined): string | undefined => {
  if (node?.type === "Identifier" || node?.type === "PrivateIdentifier") return node.name
  if (node?.type === "Literal") return String(node.value)
  return node?.type === "AssignmentPattern" ? nameOf(node.left) : undefined
}

const isNode = (value: unknown): value is Acorn.AnyNode =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"

export const childrenOf = (node: Acorn.AnyNode): ReadonlyArray<Acorn.AnyNode> =>
  Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    key === "loc" ? [] : Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []
  )
