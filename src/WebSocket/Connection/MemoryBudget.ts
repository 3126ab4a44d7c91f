/**
 * One budget for what a process keeps for all its peers: bytes to send, messages that wait for a handler, unfinished
 * messages, answers of HTTP. Each queue has a limit of its own, but thousands that stay just below it would still take
 * all memory.
 *
 * What is kept is in an account from when it enters a queue until it leaves. So it counts for as long as it takes
 * memory, whether its connection still exists or not. Over the budget, the accounts with most bytes are given up until
 * an eighth of the budget is free, so the search for them is needed again only when that eighth is used up.
 */
import { totalmem } from "node:os"

/** Bytes of an account that the budget does not count. The memory of a connection itself is not counted either. */
export const UNCOUNTED = 4096

/** The smallest default budget, in bytes. */
const MIN_DEFAULT = 64 * 1024 * 1024

/** A quarter of the memory of the machine or its container, in bytes. At least 64 MiB. */
export const ofMachine = (): number => {
  const contained = process.constrainedMemory()
  return Math.max(MIN_DEFAULT, Math.floor(Math.min(totalmem(), contained > 0 ? contained : Infinity) / 4))
}

export class MemoryBudget {
  /** In bytes. */
  readonly limit: number
  /** Those with more than `UNCOUNTED` bytes. */
  readonly #accounts = new Set<MemoryAccount>()
  #used = 0
  #givenUp = 0
  #isFreeing = false

  constructor(limit: number) {
    this.limit = limit
  }

  /** The counted bytes of all accounts. */
  get used(): number {
    return this.#used
  }

  get givenUp(): number {
    return this.#givenUp
  }

  /** Called by an account whose counted bytes change. May give up any account, including this one. */
  change(account: MemoryAccount, before: number, after: number): void {
    if (after === 0) this.#accounts.delete(account)
    else if (before === 0) this.#accounts.add(account)
    this.#used += after - before
    if (after > before && this.#used > this.limit) this.#free()
  }

  #free(): void {
    // An owner that is given up may send something to others, which counts in the loop below.
    if (this.#isFreeing) return
    this.#isFreeing = true
    const enough = this.limit - this.limit / 8
    try {
      for (const account of [...this.#accounts].sort((a, b) => b.bytes - a.bytes)) {
        if (this.#used <= enough) return
        // It may have become empty meanwhile.
        if (!this.#accounts.has(account)) continue
        this.#givenUp++
        account.giveUp()
      }
    } finally {
      this.#isFreeing = false
    }
  }
}

export interface AccountOwner {
  /** Drops all that is in the account, and ends. What can't be dropped at once must end with it. Must not throw. */
  readonly giveUp: () => void
}

/** The bytes that one owner keeps: its queues add and remove them. Once it is given up, nothing more counts. */
export class MemoryAccount {
  readonly #budget: MemoryBudget
  readonly #owner: AccountOwner
  #bytes = 0
  #isGivenUp = false

  constructor(budget: MemoryBudget, owner: AccountOwner) {
    this.#budget = budget
    this.#owner = owner
  }

  get bytes(): number {
    return this.#bytes
  }

  /** May give up any account of the budget, including this one. */
  add(bytes: number): void {
    const before = this.#bytes
    this.#bytes = before + bytes
    if (this.#bytes > UNCOUNTED) this.#change(before)
  }

  remove(bytes: number): void {
    const before = this.#bytes
    this.#bytes = before - bytes
    if (before > UNCOUNTED) this.#change(before)
  }

  #change(before: number): void {
    if (!this.#isGivenUp) this.#budget.change(this, counted(before), counted(this.#bytes))
  }

  /** Called by the budget. */
  giveUp(): void {
    this.#budget.change(this, counted(this.#bytes), 0)
    this.#isGivenUp = true
    this.#owner.giveUp()
  }
}

const counted = (bytes: number): number => (bytes > UNCOUNTED ? bytes : 0)
