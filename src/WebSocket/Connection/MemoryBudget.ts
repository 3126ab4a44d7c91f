/**
 * One budget for what a process holds for its peers: bytes that wait to leave, messages that wait for a handler, messages
 * that are not finished. Each connection has limits of its own; thousands that stay just below them would still take all
 * memory. Over the budget those who hold most are given up, until an eighth of it is free: so the next ones need bytes to
 * come to that, and looking for the greediest stays rare.
 */
import { totalmem } from "node:os"

/** Something that holds bytes for a peer. */
export interface Holder {
  /** Releases all that it holds at once, and ends. */
  readonly giveUp: () => void
}

/** Bytes of one holder that are not counted, as the size of a connection itself is not. */
export const UNCOUNTED = 4096

/** The least that is taken for a budget where nobody chose one. */
const LEAST = 64 * 1024 * 1024

/** A quarter of the memory that this process may use, in bytes: of the machine's, or of its container's. At least 64 MiB. */
export const ofMachine = (): number => {
  const contained = process.constrainedMemory()
  return Math.max(LEAST, Math.floor(Math.min(totalmem(), contained > 0 ? contained : Infinity) / 4))
}

export class MemoryBudget {
  /** In bytes. */
  readonly limit: number
  /** The bytes of each holder whose bytes are worth counting. */
  readonly #holders = new Map<Holder, number>()
  #held = 0
  #givenUp = 0

  constructor(limit: number) {
    this.limit = limit
  }

  /** Bytes that all hold. */
  get held(): number {
    return this.#held
  }

  /** How many holders were given up. */
  get givenUp(): number {
    return this.#givenUp
  }

  /** Tells what `holder` holds now. May give up any holder, also this one. */
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
