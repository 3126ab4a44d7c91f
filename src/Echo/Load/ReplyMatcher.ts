import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Case, Op } from "../Scenario/Op.ts"
import type { ClientValues } from "./ClientValues.ts"

type Expect = Op & { readonly _tag: "Expect" }

/** Which of the cases of a step a message is; and of several messages that a step expects, which have come. */
export class ReplyMatcher {
  #taken = 0
  #came: Set<Case> | undefined

  /** How many have come of those that the step at hand expects, where that is several. */
  get taken(): number {
    return this.#taken
  }

  /** The first case that a message matches; of those that must all come, one that has not come. */
  caseOf({ cases, need }: Expect, message: Message, values: ClientValues): Case | undefined {
    const first = cases[0]
    if (cases.length === 1) return first.expectation.matches(message, values) ? first : undefined
    return cases.find((one) => !(need === "all" && this.#came?.has(one)) && one.expectation.matches(message, values))
  }

  /** A message has come that is this case; whether others still must. */
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
