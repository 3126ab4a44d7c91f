/**
 * Makes each entry count once, in its writer's order, whatever the engine lost or kept twice. Every entry is numbered by its writer, and
 * readers take of each writer the next number only: what comes again is passed over, and so is what comes after a gap. The writer
 * reads the log too, sees where it stopped counting, and sends all from there again.
 *
 * All readers that have read the same log hold the same numbers, so they agree about which copy counts.
 */
export class WriterSequences {
  /** The next number of each writer; those that wrote last come last. */
  readonly #next = new Map<string, number>()
  /** Whether the log's beginning was not read, so that a writer may be met in the middle. */
  readonly #isPartial: boolean

  constructor(known: ReadonlyArray<readonly [writer: string, next: number]>, isPartial: boolean) {
    for (const [writer, next] of known) this.#next.set(writer, next)
    this.#isPartial = isPartial
  }

  /** Whether this entry counts. */
  take(writer: string, number: number): boolean {
    const next = this.#next.get(writer)
    if (number !== (next ?? (this.#isPartial ? number : 0))) return false
    if (next !== undefined) this.#next.delete(writer)
    this.#next.set(writer, number + 1)
    if (this.#next.size > MOST) this.#next.delete(this.#next.keys().next().value!)
    return true
  }

  next(writer: string): number {
    return this.#next.get(writer) ?? 0
  }

  entries(): ReadonlyArray<readonly [writer: string, next: number]> {
    return [...this.#next]
  }
}

/** Writers to remember: those that wrote longest ago are gone for good. */
const MOST = 4096
