/** Finds the processes of a shared topic that have been silent for too long. */
import type { LogHealth } from "../../Log/Log.ts"

export class NodeWatch {
  readonly #own: string
  readonly #patience: number
  readonly #now: () => number
  /** When each node was heard last, or was first asked about. */
  readonly #heard = new Map<string, number>()

  /** `patience` and the result of `now` are in milliseconds. */
  constructor(own: string, patience: number, now: () => number) {
    this.#own = own
    this.#patience = patience
    this.#now = now
  }

  heard(node: string): void {
    this.#heard.set(node, this.#now())
  }

  /**
   * The nodes that have been silent for longer than `patience`, while this process was connected and read the whole
   * log.
   */
  silent(nodes: ReadonlySet<string>, { behind, connected }: LogHealth): ReadonlyArray<string> {
    const now = this.#now()
    if (behind > 0 || !connected) this.#heard.clear()
    for (const node of this.#heard.keys()) if (!nodes.has(node)) this.#heard.delete(node)
    return [...nodes].filter((node) => {
      if (node === this.#own) return false
      const last = this.#heard.get(node)
      if (last === undefined) this.#heard.set(node, now)
      return last !== undefined && now - last > this.#patience
    })
  }
}
