/** An object with at most one deadline at a time. The heap owns `heapIndex`, which starts at -1. */
export interface Timed {
  deadline: number
  heapIndex: number
}

/** An object with a deadline and the action for it. */
export interface Appointment extends Timed {
  readonly onDeadline: () => void
}

/**
 * A binary heap of deadlines. Each entry knows its index, so moving or removing a deadline takes O(log n) and leaves no garbage.
 * One heap and one timer serve all waits and timeouts of a run.
 */
export class DeadlineHeap<A extends Timed> {
  readonly #entries: Array<A> = []
  readonly #onFirst: (deadline: number) => void

  /** Calls `onFirst` when a deadline is set that is earlier than all others. */
  constructor(onFirst: (deadline: number) => void) {
    this.#onFirst = onFirst
  }

  /** The earliest deadline; `Infinity` if there is none. */
  get next(): number {
    return this.#entries[0]?.deadline ?? Infinity
  }

  get size(): number {
    return this.#entries.length
  }

  /** Sets or replaces the deadline of `entry`. */
  set(entry: A, deadline: number): void {
    const before = entry.deadline
    entry.deadline = deadline
    if (entry.heapIndex === -1) {
      entry.heapIndex = this.#entries.length
      this.#entries.push(entry)
      this.#up(entry.heapIndex)
    } else if (deadline < before) {
      this.#up(entry.heapIndex)
    } else {
      this.#down(entry.heapIndex)
    }
    if (entry.heapIndex === 0) this.#onFirst(deadline)
  }

  clear(entry: A): void {
    const index = entry.heapIndex
    if (index === -1) return
    entry.heapIndex = -1
    const last = this.#entries.pop()!
    if (last === entry) return
    this.#put(last, index)
    this.#up(index)
    this.#down(last.heapIndex)
  }

  /** Removes and returns the earliest entry that is due at `now`. */
  take(now: number): A | undefined {
    const first = this.#entries[0]
    if (first === undefined || first.deadline > now) return undefined
    this.clear(first)
    return first
  }

  #put(entry: A, index: number): void {
    this.#entries[index] = entry
    entry.heapIndex = index
  }

  #up(start: number): void {
    const entry = this.#entries[start]!
    let index = start
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = this.#entries[above]!
      if (parent.deadline <= entry.deadline) break
      this.#put(parent, index)
      index = above
    }
    this.#put(entry, index)
  }

  #down(start: number): void {
    const entries = this.#entries
    const entry = entries[start]!
    let index = start
    for (;;) {
      let below = 2 * index + 1
      if (below >= entries.length) break
      if (below + 1 < entries.length && entries[below + 1]!.deadline < entries[below]!.deadline) below++
      if (entries[below]!.deadline >= entry.deadline) break
      this.#put(entries[below]!, index)
      index = below
    }
    this.#put(entry, index)
  }
}
