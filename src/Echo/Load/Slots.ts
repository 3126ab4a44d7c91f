import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import type { Playing, Slot } from "../Scenario/Player.ts"

type Share = LoadPlan["share"]

/** The slots of clients that arrive and leave. There are as many as there were clients with a script at the same time. */
export class Slots {
  readonly #free: Array<Slot> = []
  readonly #share: Share
  #made = 0

  constructor(share: Share) {
    this.#share = share
  }

  take(): Slot {
    const { index, of } = this.#share
    return this.#free.pop() ?? { number: index + 1 + of * this.#made++, kept: new Map() }
  }

  giveBack(slot: Slot | undefined): void {
    if (slot !== undefined) this.#free.push(slot)
  }
}

/** Counts iterations by name. The processes of a run number them in turn, so that each number is used once. */
export const iterationsOf = ({ index, of }: Share): Playing["nextIteration"] => {
  const counts = new Map<string, number>()
  return (name) => {
    const here = counts.get(name) ?? 0
    counts.set(name, here + 1)
    return { here, inTest: index + of * here }
  }
}
