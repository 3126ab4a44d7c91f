/** The search for the highest load that holds. It doubles the load until one breaks, and then halves the interval. */

export interface Bounds {
  readonly least: number
  readonly most: number
  /** The search ends when the load that sustained is at most this part below the load that broke. */
  readonly within: number
  /** Whether loads must be whole numbers. */
  readonly whole: boolean
}

const DIGITS = 3

export class Bisection {
  #sustained: number | undefined
  #broke: number | undefined
  readonly #first: number
  readonly #bounds: Bounds

  constructor(first: number, bounds: Bounds) {
    this.#first = first
    this.#bounds = bounds
  }

  /** The highest load that sustained. */
  get sustained(): number | undefined {
    return this.#sustained
  }

  /** The lowest load that broke. */
  get broke(): number | undefined {
    return this.#broke
  }

  /** The load to try next; `undefined` when the search is over. */
  get next(): number | undefined {
    const { least, most, within } = this.#bounds
    const { broke, sustained } = this
    if (sustained === undefined && broke === undefined) return Math.min(most, Math.max(least, this.#first))
    if (broke === undefined) return sustained! >= most ? undefined : Math.min(most, this.#round(sustained! * 2))
    if (sustained === undefined) return broke <= least ? undefined : Math.max(least, this.#round(broke / 2))
    if (broke - sustained <= within * broke) return undefined
    const middle = this.#round((sustained + broke) / 2)
    return middle <= sustained || middle >= broke ? undefined : middle
  }

  take(load: number, sustained: boolean): void {
    if (sustained) this.#sustained = Math.max(load, this.#sustained ?? load)
    else this.#broke = Math.min(load, this.#broke ?? load)
  }

  #round(load: number): number {
    const rounded = this.#bounds.whole ? Math.round(load) : Number(load.toPrecision(DIGITS))
    return this.#bounds.whole && rounded >= 1000 ? Number(rounded.toPrecision(DIGITS)) : rounded
  }
}
