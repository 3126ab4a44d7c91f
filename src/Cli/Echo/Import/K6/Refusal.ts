import type { Node } from "acorn"

/** A part of a script that a scenario cannot express. It ends the conversion of the statement around it. */
export class Refusal extends Error {
  readonly line: number

  constructor(node: Node, message: string) {
    super(message)
    this.line = node.loc?.start.line ?? 1
  }
}
