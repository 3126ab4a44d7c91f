/**
 * Which nodes are alive, from their signs of life in one log that all of them read. A node is silent if nothing of it came
 * between this node's own last signs, as the log has them. So no clock is compared: a node that was frozen or cut off has
 * written no signs meanwhile, and can't take the others for silent when it is back.
 *
 * How long a silence may be is learned from the nodes themselves. On a machine with more processes than processors, loops stand for
 * longer than an idle one ever does, and each node that is removed makes its clients connect again, which makes the next loops
 * stand. So a node is silent only after a multiple of the longest silence from which some node has lately come back.
 */

/** The least signs of this node since another was heard, after which that one is silent. */
export const MISSED = 5
/** The multiple of the longest silence from which a node has come back, and the most signs after which one is silent. */
const TIMES = 3
export const MOST_MISSED = 60
/** Signs of this node for which a silence counts, at least; at most twice as many. */
export const REMEMBERED = 120
/**
 * The most signs that may be on their way. A node that was cut off would otherwise write many at once, and the others would
 * count as silent.
 */
const UNDER_WAY = 3

export interface PresenceContext {
  readonly node: string
  /** Writes a sign of life of this node. */
  readonly sign: () => void
  /** The nodes that take part in anything, with this one. */
  readonly known: () => Iterable<string>
  /** Called with a node that is silent, after each further sign of this one for as long as that node is known. */
  readonly silent: (node: string) => void
}

export class NodePresence {
  readonly #context: PresenceContext
  /** This node's signs since each other node was heard: also, for a while, of nodes that were removed and may come back. */
  #missed = new Map<string, number>()
  #underWay = 0
  /** The longest silences from which a node has come back, in signs of this one: among the present signs, and among those before. */
  #longest = 0
  #longestBefore = 0
  /** The number of the present signs. */
  #signs = 0

  constructor(context: PresenceContext) {
    this.#context = context
  }

  /** Must be called every second. */
  sign(): void {
    if (this.#underWay >= UNDER_WAY) return
    this.#underWay++
    this.#context.sign()
  }

  /** Must be called when something of a node was read in the log. `isSign`: it is a sign of life. */
  heard(node: string, isSign: boolean): void {
    if (node === this.#context.node) return isSign ? this.#count() : undefined
    this.#longest = Math.max(this.#longest, this.#missed.get(node) ?? 0)
    this.#missed.delete(node)
  }

  /** The log begins again, or was not read for a while. */
  restart(): void {
    this.#missed.clear()
    this.#underWay = 0
  }

  /** Signs of this node since another was heard, after which that one is silent. */
  get #limit(): number {
    return Math.min(MOST_MISSED, Math.max(MISSED, TIMES * Math.max(this.#longest, this.#longestBefore)))
  }

  #count(): void {
    this.#underWay = Math.max(0, this.#underWay - 1)
    if (++this.#signs > REMEMBERED) {
      this.#longestBefore = this.#longest
      this.#longest = 0
      this.#signs = 1
    }
    const missed = new Map<string, number>()
    for (const [node, count] of this.#missed) if (count < MOST_MISSED) missed.set(node, count + 1)
    const known = new Set(this.#context.known())
    known.delete(this.#context.node)
    for (const node of known) if (!missed.has(node)) missed.set(node, (this.#missed.get(node) ?? 0) + 1)
    this.#missed = missed
    const limit = this.#limit
    for (const node of known) if (missed.get(node)! >= limit) this.#context.silent(node)
  }
}
