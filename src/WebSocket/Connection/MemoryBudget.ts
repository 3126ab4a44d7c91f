/**
 * One budget for what a process holds for all its peers: bytes to send, messages that wait for a handler, unfinished
 * messages. Each connection has limits of its own, but thousands that stay just below them would still take all memory.
 * Over the budget, the connections that hold most are closed until an eighth of the budget is free. So the search for
 * them is needed again only when that eighth is used up.
 */
import { totalmem } from "node:os"

/** Something that holds bytes for a peer. */
export interface Owner {
  /** Releases all that it holds at once, and ends. */
  readonly giveUp: () => void
}

/** Bytes of a owner that are not counted. The memory of a connection itself is not counted either. */
export const UNCOUNTED = 4096

/** The smallest default budget, in bytes. */
const MIN_DEFAULT = 64 * 1024 * 1024

/**
 * A quarter of the memory that this process may use, in bytes: of the machine's or of its container's, whichever is
 * smaller. At least 64 MiB.
 */
export const ofMachine = (): number => {
  const contained = process.constrainedMemory()
  return Math.max(MIN_DEFAULT, Math.floor(Math.min(totalmem(), contained > 0 ? contained : Infinity) / 4))
}

export class MemoryBudget {
  /** In bytes. */
  readonly limit: number
  /** The bytes of each owner that holds more than `UNCOUNTED`. */
  readonly #owners = new Map<Owner, number>()
  #used = 0
  #givenUp = 0

  constructor(limit: number) {
    this.limit = limit
  }

  /** The bytes of all holders together. */
  get used(): number {
    return this.#used
  }

  /** How many holders were given up so far. */
  get givenUp(): number {
    return this.#givenUp
  }

  /** Reports that `owner` holds this number of bytes now. May give up any owner, including this one. */
  note(owner: Owner, bytes: number): void {
    const before = this.#owners.get(owner) ?? 0
    const now = bytes > UNCOUNTED ? bytes : 0
    if (now === before) return
    if (now === 0) this.#owners.delete(owner)
    else this.#owners.set(owner, now)
    this.#used += now - before
    if (now > before && this.#used > this.limit) this.#free()
  }

  #free(): void {
    const enough = this.limit - this.limit / 8
    for (const [owner, bytes] of [...this.#owners].sort(([, a], [, b]) => b - a)) {
      if (this.#used <= enough) return
      this.#owners.delete(owner)
      this.#used -= bytes
      this.#givenUp++
      owner.giveUp()
    }
  }
}
