/**
 * The picture of a game before it runs. Places fill from the centre outwards while workers connect and subscribe. It is not known
 * yet which worker is which cell, so the picture shows only how many there are.
 */

import type { Size } from "../Model/Viewport.ts"
import type { Scheme } from "./Themes.ts"
import { vacancies } from "./Themes.ts"

/** The indices of the cells of a grid, sorted by the distance from its centre. This is a counting sort, because a grid may have a million cells. */
export const fromTheMiddle = (width: number, height: number): Uint32Array => {
  const distanceOf = (index: number) => {
    const dx = 2 * (index % width) + 1 - width
    const dy = 2 * Math.floor(index / width) + 1 - height
    return Math.floor(Math.sqrt(dx * dx + dy * dy) * 4)
  }
  const cells = width * height
  const starts = new Uint32Array(Math.ceil(4 * Math.hypot(width, height)) + 2)
  for (let index = 0; index < cells; index++) starts[distanceOf(index) + 1]!++
  for (let distance = 1; distance < starts.length; distance++) starts[distance]! += starts[distance - 1]!
  const order = new Uint32Array(cells)
  for (let index = 0; index < cells; index++) order[starts[distanceOf(index)]!++] = index
  return order
}

export class Vacancies {
  #width = 0
  #height = 0
  #order: Uint32Array = new Uint32Array(0)

  /** Colours every cell as an empty place, as one of `connected` workers, or as one of `subscribed` workers. */
  paint({ height, width }: Size, connected: number, subscribed: number, scheme: Scheme, pixels: Uint32Array) {
    const [empty, taken, ready] = vacancies[scheme]
    pixels.fill(empty)
    if (connected === 0) return
    if (width !== this.#width || height !== this.#height) {
      this.#width = width
      this.#height = height
      this.#order = fromTheMiddle(width, height)
    }
    const shown = Math.min(connected, pixels.length)
    for (let rank = 0; rank < shown; rank++) pixels[this.#order[rank]!] = rank < subscribed ? ready : taken
  }
}
