/** What is known of cells, in pages that are made when used: a few bytes can say that a recording's grid is huge. */

/** A page has the cells whose numbers differ only in these bits. */
const BITS = 12
export const PAGE = 1 << BITS

/** What is known of the cells of a page. */
export class CellPage {
  /** The step and the state of each cell after the last block; a step of -1 before any. */
  readonly steps = new Int32Array(PAGE).fill(-1)
  readonly states = new Uint8Array(PAGE)
  /** The newest step that was reported. */
  readonly newest = new Int32Array(PAGE).fill(-1)
}

export class Pages<Page> {
  readonly #pages: Array<Page | undefined> = []
  readonly #make: () => Page

  constructor(make: () => Page) {
    this.#make = make
  }

  find(index: number): Page | undefined {
    return this.#pages[index >>> BITS]
  }

  of(index: number): Page {
    return this.#pages[index >>> BITS] ?? this.#add(index >>> BITS)
  }

  #add(number: number): Page {
    const page = this.#make()
    // Without holes, so that each page is found by its place.
    while (this.#pages.length < number) this.#pages.push(undefined)
    this.#pages[number] = page
    return page
  }
}

/** Which cells of a grid were met. */
export class CellSet {
  readonly #pages = new Pages(() => new Uint8Array(PAGE))

  /** Adds a cell. Returns whether it is new. */
  add(index: number): boolean {
    const page = this.#pages.of(index)
    const at = index & (PAGE - 1)
    if (page[at] === 1) return false
    page[at] = 1
    return true
  }
}
