/**
 * The nodes that take part in a game, and the number of workers of each, as the log has them. The log also shows which
 * nodes are silent: a node that wrote nothing while another one wrote `MISSED` beats is removed. So all nodes agree
 * about this without a common clock, and a node that was only frozen reads in the log that it was removed.
 */
import type { Census } from "./GameEvent.ts"

/** The beats of another node after which a silent node is removed. */
export const MISSED = 5

const nobody: Census = { connected: 0, subscribed: 0, came: 0, broke: 0 }

const difference = (before: Census, after: Census): Census => ({
  connected: after.connected - before.connected,
  subscribed: after.subscribed - before.subscribed,
  came: after.came - before.came,
  broke: after.broke - before.broke
})

interface Node {
  census: Census
  /** Beats of each other node since this one was heard. */
  readonly missed: Map<string, number>
}

/** A node in a snapshot. */
export type NodeEntry = readonly [node: string, census: Census, missed: ReadonlyArray<readonly [string, number]>]

export class NodeRegister {
  readonly #nodes = new Map<string, Node>()

  constructor(entries: ReadonlyArray<NodeEntry> = []) {
    for (const [node, census, missed] of entries) this.#nodes.set(node, { census, missed: new Map(missed) })
  }

  get size(): number {
    return this.#nodes.size
  }

  has(node: string): boolean {
    return this.#nodes.has(node)
  }

  add(node: string): void {
    if (!this.#nodes.has(node)) this.#nodes.set(node, { census: nobody, missed: new Map() })
  }

  /**
   * Removes a node. Returns the change of the census, because its workers are lost with it; `undefined` if the node was
   * not registered.
   */
  remove(node: string): Census | undefined {
    const known = this.#nodes.get(node)
    if (known === undefined) return undefined
    this.#nodes.delete(node)
    for (const { missed } of this.#nodes.values()) missed.delete(node)
    const { connected, subscribed } = known.census
    return { connected: -connected, subscribed: -subscribed, came: 0, broke: connected }
  }

  /**
   * Sets the census of a node and returns the change; `undefined` if the node is not registered, because it was
   * removed.
   */
  count(node: string, census: Census): Census | undefined {
    const known = this.#nodes.get(node)
    if (known === undefined) return undefined
    const before = known.census
    known.census = census
    return difference(before, census)
  }

  /** Records that a node wrote something. */
  hear(node: string): void {
    this.#nodes.get(node)?.missed.clear()
  }

  /** Counts a node's beat. Returns the nodes that were silent for too many of its beats. */
  beat(by: string): ReadonlyArray<string> {
    if (!this.#nodes.has(by)) return []
    const silent: Array<string> = []
    for (const [node, { missed }] of this.#nodes) {
      if (node === by) continue
      const count = (missed.get(by) ?? 0) + 1
      missed.set(by, count)
      if (count >= MISSED) silent.push(node)
    }
    return silent
  }

  /** Clears the counts: a new game has no workers. */
  clearCounts(): void {
    for (const node of this.#nodes.values()) node.census = nobody
  }

  entries(): ReadonlyArray<NodeEntry> {
    return [...this.#nodes].map(([node, { census, missed }]) => [node, census, [...missed]] as const)
  }
}
