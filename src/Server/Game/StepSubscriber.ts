/**
 * Gathers the messages to a worker in lockstep into whole steps. The worker can't send a new state before it has all
 * its neighbours' states of a step. So the first ones are kept, and leave with one write when the last one comes.
 *
 * Without it, with a shared log, there would be a write to a worker whenever an entry has a message for it: three times
 * a step on each of three nodes (docs/decisions/0061).
 */
import type { Deadlines } from "../../WebSocket/Connection/Deadlines.ts"
import type { ByteString } from "../../WebSocket/Frames/Frame.ts"
import type { Subscriber } from "./Relay.ts"

/**
 * The milliseconds for which a part of a step is kept: the least, for each cell of the game, and the most. The rest may never
 * come: it may have come by a replay, a neighbour may be slow or gone, and a client need not be in lockstep. A step of a large
 * game takes long even if nothing is slow.
 */
export const STEP_TIMEOUT = 200
const PER_CELL = 0.1
const LONGEST = 5000

/** The subscribers that keep a part of a step. */
export type Incomplete = Pick<Deadlines<StepSubscriber>, "add" | "delete">

export class StepSubscriber implements Subscriber {
  readonly #to: { readonly sendFrame: (frame: ByteString) => void }
  readonly #topics: number
  readonly #incomplete: Incomplete
  readonly #timeout: number
  #kept: ByteString = ""
  /** The steps that are not complete, by their number modulo 4: the step, and how many of its messages have come. */
  readonly #steps = [-1, -1, -1, -1]
  readonly #heard = [0, 0, 0, 0]

  /** `topics`: the number of messages in a step. `cells`: those of the game. */
  constructor(
    to: { readonly sendFrame: (frame: ByteString) => void },
    topics: number,
    cells: number,
    incomplete: Incomplete
  ) {
    this.#to = to
    this.#topics = topics
    this.#incomplete = incomplete
    this.#timeout = Math.min(LONGEST, Math.max(STEP_TIMEOUT, cells * PER_CELL))
  }

  sendFrame(frame: ByteString, step: number): void {
    if (this.#kept === "") this.#incomplete.add(this, this.#timeout)
    this.#kept += frame
    if (this.#count(step) >= this.#topics) this.flush()
  }

  flush(): void {
    this.#incomplete.delete(this)
    if (this.#kept !== "") this.#to.sendFrame(this.#kept)
    this.#kept = ""
  }

  /** Counts a message. States that a reconnected worker repeats count too: their step leaves in more than one write. */
  #count(step: number): number {
    const slot = step % 4
    if (this.#steps[slot] !== step) {
      this.#steps[slot] = step
      this.#heard[slot] = 0
    }
    return ++this.#heard[slot]!
  }
}
