import type { Node } from "acorn"

/** What of a script has no counterpart; ends the conversion of the statement around it. */
export class Refusal extends Error {
  readonly line: number

  constructor(node: Node, message: string) {
    super(message)
    this.line = node.loc?.start.line ?? 1
  }
}
