import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Case, Op } from "../Scenario/Op.ts"
import type { ClientValues } from "./ClientValues.ts"

type Expect = Op & { readonly _tag: "Expect" }

/** Finds the case of a step that a message matches, and remembers which of several expected messages have come. */
export class ReplyMatcher {
  #taken = 0
  #came: Set<Case> | undefined

  /** How many of the messages that the current step expects have come. */
  get taken(): number {
    return this.#taken
  }

  /** The first case that a message matches. If all cases must come, only those that have not come are considered. */
  caseOf({ cases, need }: Expect, message: Message, values: ClientValues): Case | undefined {
    const first = cases[0]
    if (cases.length === 1) return first.expectation.matches(message, values) ? first : undefined
    return cases.find((one) => !(need === "all" && this.#came?.has(one)) && one.expectation.matches(message, values))
  }

  /** A message of this case has come. Returns whether more messages must come. */
  misses({ cases, need }: Expect, found: Case): boolean {
    if (need === 1) return false
    this.#taken++
    if (need === "all") {
      this.#came ??= new Set()
      this.#came.add(found)
    }
    if (this.#taken < (need === "all" ? cases.length : need)) return true
    this.clear()
    return false
  }

  clear(): void {
    this.#taken = 0
    this.#came = undefined
  }
}
