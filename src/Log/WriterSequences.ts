/**
 * Makes each entry count once, in its writer's order, whatever the engine lost or kept twice. Every writer numbers its
 * entries, and readers take only the next number of each writer. A repeated entry is skipped, and so is an entry after
 * a gap. The writer reads the log too: it sees where the gap is, and sends all entries from there again.
 *
 * All readers of the same log hold the same numbers, so they agree about which copy counts.
 */
export class WriterSequences {
  /** The next number of each writer. Those that wrote last are at the end. */
  readonly #next = new Map<string, number>()
  /** Whether the beginning of the log was not read, so that a writer's first known entry may have any number. */
  readonly #isPartial: boolean

  constructor(known: ReadonlyArray<readonly [writer: string, next: number]>, isPartial: boolean) {
    for (const [writer, next] of known) this.#next.set(writer, next)
    this.#isPartial = isPartial
  }

  /** Whether this entry counts. If so, the writer's next number increases. */
  take(writer: string, number: number): boolean {
    const next = this.#next.get(writer)
    if (number !== (next ?? (this.#isPartial ? number : 0))) return false
    if (next !== undefined) this.#next.delete(writer)
    this.#next.set(writer, (number + 1) % NUMBERS)
    if (this.#next.size > MAX_WRITERS) this.#next.delete(this.#next.keys().next().value!)
    return true
  }

  next(writer: string): number {
    return this.#next.get(writer) ?? 0
  }

  /** Whether an earlier entry of this writer must come before the entry with this number. */
  isEarly(writer: string, number: number): boolean {
    const ahead = (number - this.next(writer) + NUMBERS) % NUMBERS
    return ahead > 0 && ahead < NUMBERS / 2
  }

  entries(): ReadonlyArray<readonly [writer: string, next: number]> {
    return [...this.#next]
  }
}

/** Numbers have 32 bits in an entry, and begin again at 0: a node may write 500 entries in a second for 99 days. */
const NUMBERS = 2 ** 32

/** The most writers to remember. Those that wrote longest ago have probably ended. */
const MAX_WRITERS = 4096
