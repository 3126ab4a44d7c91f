/** Gathers what happens to many things at the same time into one line, because an outage meets all of them. */
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
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

  /** Writes the lines to the log, as warnings, until the scope ends. */
  static readonly make = <K>(
    lineOf: (what: K, names: ReadonlyArray<string>, count: number) => string
  ): Effect.Effect<GatheredLines<K>, never, Scope.Scope> =>
    Effect.flatMap(Effect.runtime(), (runtime) => {
      const write = (line: string) => void Runtime.runFork(runtime)(Effect.logWarning(line))
      return Effect.acquireRelease(
        Effect.sync(() => new GatheredLines<K>((what, names, count) => write(lineOf(what, names, count)))),
        (lines) => Effect.sync(() => lines.flush())
      )
    })

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
