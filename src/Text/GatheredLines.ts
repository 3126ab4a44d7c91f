/** Gathers what happens to many things at the same time into one line, because an outage meets all of them. */
import { real } from "../Time/Timer.ts"

/** Milliseconds for which lines are gathered. */
const GATHER = 500
/** The most names in a line. */
const NAMED = 3

/** `a`, `a and b`, `a, b, c and 97 more`. */
export const listOf = (names: ReadonlyArray<string>): string => {
  const more = names.length - NAMED
  if (more > 0) return `${names.slice(0, NAMED).join(", ")} and ${more} more`
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`
}

interface Gathered {
  readonly names: Array<string>
  count: number
}

/** `K`: what may happen. */
export class GatheredLines<K> {
  readonly #write: (what: K, names: ReadonlyArray<string>, count: number) => void
  readonly #gathered = new Map<K, Gathered>()
  #stopTimer: (() => void) | undefined

  /** `write` gets what happened, to which, and the sum of their counts. */
  constructor(write: (what: K, names: ReadonlyArray<string>, count: number) => void) {
    this.#write = write
  }

  add(what: K, name: string, count = 0): void {
    const known = this.#gathered.get(what) ?? { names: [], count: 0 }
    if (!known.names.includes(name)) known.names.push(name)
    known.count += count
    this.#gathered.set(what, known)
    this.#stopTimer ??= real.after(GATHER, () => this.flush())
  }

  /** Writes the lines now. Must be called at the end. */
  flush(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    for (const [what, { count, names }] of this.#gathered) this.#write(what, names, count)
    this.#gathered.clear()
  }
}
