/** The nodes that take part in a game, and the number of workers of each, as the log has them. */
import type { Census } from "./GameEvent.ts"

const nobody: Census = { connected: 0, subscribed: 0, came: 0, broke: 0 }

const difference = (before: Census, after: Census): Census => ({
  connected: after.connected - before.connected,
  subscribed: after.subscribed - before.subscribed,
  came: after.came - before.came,
  broke: after.broke - before.broke
})

/**
 * The process of a node. A process that was removed from a game takes part again under another name, which begins with the
 * same name of the process.
 */
export const processOf = (node: string): string => node.slice(0, Math.max(0, node.lastIndexOf(".")))

export type NodeEntry = readonly [node: string, census: Census]

export class NodeRegister {
  readonly #nodes: Map<string, Census>

  constructor(entries: ReadonlyArray<NodeEntry> = []) {
    this.#nodes = new Map(entries)
  }

  get names(): ReadonlyArray<string> {
    return [...this.#nodes.keys()]
  }

  add(node: string): void {
    if (!this.#nodes.has(node)) this.#nodes.set(node, nobody)
  }

  /** Removes a node. Returns the change of the census, as its workers are lost too; `undefined` for an unknown node. */
  remove(node: string): Census | undefined {
    const known = this.#nodes.get(node)
    if (known === undefined) return undefined
    this.#nodes.delete(node)
    const { connected, subscribed } = known
    return { connected: -connected, subscribed: -subscribed, came: 0, broke: connected }
  }

  /** Sets a node's census and returns the change; `undefined` if the node is not registered, because it was removed. */
  count(node: string, census: Census): Census | undefined {
    const before = this.#nodes.get(node)
    if (before === undefined) return undefined
    this.#nodes.set(node, census)
    return difference(before, census)
  }

  /** Clears the counts: a new game has no workers. */
  clearCounts(): void {
    for (const node of this.#nodes.keys()) this.#nodes.set(node, nobody)
  }

  entries(): ReadonlyArray<NodeEntry> {
    return [...this.#nodes]
  }
}
