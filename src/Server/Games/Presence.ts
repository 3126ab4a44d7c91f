/**
 * Which nodes are alive, from their signs of life in one log that all of them read. A node is silent if nothing of it came
 * between this node's own last signs, as the log has them. So no clock is compared: a node that was frozen or cut off has
 * written no signs meanwhile, and can't take the others for silent when it is back.
 */

/** Signs of this node since another was heard, after which that one is silent. */
export const MISSED = 5
/**
 * The most signs that may be on their way. A node that was cut off would otherwise write many at once, and the others would
 * count as silent.
 */
const UNDER_WAY = 3

export interface PresenceContext {
  /** The name of this node. */
  readonly node: string
  /** Writes a sign of life of this node. */
  readonly sign: () => void
  /** The nodes that take part in anything, with this one. */
  readonly known: () => Iterable<string>
  /** Called with a node that is silent, after each further sign of this one for as long as that node is known. */
  readonly silent: (node: string) => void
}

export class Presence {
  readonly #context: PresenceContext
  /** This node's signs since each other node was heard. */
  #missed = new Map<string, number>()
  #underWay = 0

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
    if (node !== this.#context.node) return void this.#missed.delete(node)
    if (isSign) this.#count()
  }

  /** The log begins again, or was not read for a while. */
  restart(): void {
    this.#missed.clear()
    this.#underWay = 0
  }

  #count(): void {
    this.#underWay = Math.max(0, this.#underWay - 1)
    const missed = new Map<string, number>()
    for (const node of this.#context.known()) {
      if (node === this.#context.node || missed.has(node)) continue
      missed.set(node, (this.#missed.get(node) ?? 0) + 1)
    }
    this.#missed = missed
    for (const [node, count] of missed) if (count >= MISSED) this.#context.silent(node)
  }
}
