/**
 * One budget for what a process holds for all its peers: bytes to send, messages that wait for a handler, unfinished
 * messages. Each connection has limits of its own, but thousands that stay just below them would still take all memory.
 * Over the budget, the connections that hold most are closed until an eighth of the budget is free. So the search for
 * them is needed again only when that eighth is used up.
 */
import { totalmem } from "node:os"

/** Something that holds bytes for a peer. */
export interface Holder {
  /** Releases all that it holds at once, and ends. */
  readonly giveUp: () => void
}

/** Bytes of a holder that are not counted. The memory of a connection itself is not counted either. */
export const UNCOUNTED = 4096

/** The smallest default budget, in bytes. */
const LEAST = 64 * 1024 * 1024

/**
 * A quarter of the memory that this process may use, in bytes: of the machine's or of its container's, whichever is
 * smaller. At least 64 MiB.
 */
export const ofMachine = (): number => {
  const contained = process.constrainedMemory()
  return Math.max(LEAST, Math.floor(Math.min(totalmem(), contained > 0 ? contained : Infinity) / 4))
}

export class MemoryBudget {
  /** In bytes. */
  readonly limit: number
  /** The bytes of each holder that holds more than `UNCOUNTED`. */
  readonly #holders = new Map<Holder, number>()
  #held = 0
  #givenUp = 0

  constructor(limit: number) {
    this.limit = limit
  }

  /** The bytes of all holders together. */
  get held(): number {
    return this.#held
  }

  /** How many holders were given up so far. */
  get givenUp(): number {
    return this.#givenUp
  }

  /** Reports that `holder` holds this number of bytes now. May give up any holder, including this one. */
  note(holder: Holder, bytes: number): void {
    const before = this.#holders.get(holder) ?? 0
    const now = bytes > UNCOUNTED ? bytes : 0
    if (now === before) return
    if (now === 0) this.#holders.delete(holder)
    else this.#holders.set(holder, now)
    this.#held += now - before
    if (now > before && this.#held > this.limit) this.#free()
  }

  #free(): void {
    const enough = this.limit - this.limit / 8
    for (const [holder, bytes] of [...this.#holders].sort(([, a], [, b]) => b - a)) {
      if (this.#held <= enough) return
      this.#holders.delete(holder)
      this.#held -= bytes
      this.#givenUp++
      holder.giveUp()
    }
  }
}
