/**
 * What a worker in lockstep hears, gathered to whole steps. It can say nothing new before it has heard all of its topics at a step, so
 * what comes before is kept, and leaves with one write when the last has come.
 *
 * Without it, where the log is shared, a worker would be written to whenever an entry brings something for it: three times a step on each of three
 * nodes (docs/decisions/0061).
 */
import type { Deadlines } from "../../WebSocket/Connection/Deadlines.ts"
import type { ByteString } from "../../WebSocket/Frames/Frame.ts"
import type { Subscriber } from "./Relay.ts"

/**
 * Milliseconds that a part of a step is kept. The rest may not come: it may have been told by a replay, a neighbour may be slow or gone, and a
 * client need not be in lockstep.
 */
export const PATIENCE = 200

/** Those that keep a part of a step. */
export type Incomplete = Pick<Deadlines<StepSubscriber>, "add" | "delete">

export class StepSubscriber implements Subscriber {
  readonly #to: { readonly sendFrame: (frame: ByteString) => void }
  readonly #topics: number
  readonly #incomplete: Incomplete
  #kept: ByteString = ""
  /** Of the steps that are under way, by their number modulo 4: the step, and how much of it was heard. */
  readonly #steps = [-1, -1, -1, -1]
  readonly #heard = [0, 0, 0, 0]

  /** `topics`: how many messages make a step. */
  constructor(to: { readonly sendFrame: (frame: ByteString) => void }, topics: number, incomplete: Incomplete) {
    this.#to = to
    this.#topics = topics
    this.#incomplete = incomplete
  }

  sendFrame(frame: ByteString, step: number): void {
    if (this.#kept === "") this.#incomplete.add(this)
    this.#kept += frame
    if (this.#count(step) >= this.#topics) this.flush()
  }

  /** Sends what is kept. */
  flush(): void {
    this.#incomplete.delete(this)
    if (this.#kept !== "") this.#to.sendFrame(this.#kept)
    this.#kept = ""
  }

  /** States that a worker tells again after it came back count too, so a step that is told twice leaves in more than one write. */
  #count(step: number): number {
    const slot = step % 4
    if (this.#steps[slot] !== step) {
      this.#steps[slot] = step
      this.#heard[slot] = 0
    }
    return ++this.#heard[slot]!
  }
}
