/**
 * Detects whether large areas flash, by WCAG 2.3.1: more than three flashes (a change and its opposite) in a second, on more than
 * a quarter of a field of 341 by 256 pixels, which is the field of view of ten degrees. The colours of a cell change their
 * lightness by much only when its state changes (`Themes.ts`), so changes of states are counted. Pure.
 */
import type { Calm } from "./DrawPace.ts"
import type { Frame } from "./Model.ts"

const field = { width: 341, height: 256 }
const areaLimit = (field.width * field.height) / 4

/** The most changes in a second. Three flashes are six changes; a picture may come a little late, so that there is one less. */
const CHANGE_LIMIT = 5

const SECOND = 1_000

/** The guard stays up for this many milliseconds after there were too many changes. */
const CALM_TIME = 2_000

/** The shortest time between two pictures, in milliseconds. */
const SHORTEST = 16

/** Cells of which each changes more often than that come together in any time as long as this, in milliseconds. */
const TOGETHER = SECOND / (CHANGE_LIMIT + 1)

/** Milliseconds between two checks of a grid of a million cells, because a check takes some milliseconds there. */
const PAUSE_PER_MILLION = 200

interface Wanted {
  readonly time: number
  /** How often the area would have changed if every step had been drawn. */
  readonly changes: number
}

export class FlashGuard {
  /** When large areas changed on the screen. */
  #drawn: Array<number> = []
  #wanted: Array<Wanted> = []
  /** The states of the picture before. */
  #before = new Uint8Array(0)
  /** Which cells have changed, there and back too, since a large area changed last, but not longer ago than {@link TOGETHER}. */
  #changed = new Uint8Array(0)
  #changedSince = Number.NEGATIVE_INFINITY
  #step = -1
  #checkedAt = Number.NEGATIVE_INFINITY
  #notedAt = Number.NEGATIVE_INFINITY
  #isLarge = false
  #upUntil = Number.NEGATIVE_INFINITY
  #sums = new Uint32Array(0)

  /** What the guard asks for: until when fewer pictures come, and when the next one may come. */
  get calm(): Calm {
    const first = this.#drawn.at(-CHANGE_LIMIT)
    return { until: this.#upUntil, nextAt: first === undefined ? Number.NEGATIVE_INFINITY : first + SECOND }
  }

  /** Forgets all changes, for a grid of another size. Another game of the same size goes on: who seeks in a replay begins many of them. */
  #clear(): void {
    this.#drawn = []
    this.#wanted = []
    this.#step = -1
    this.#checkedAt = this.#notedAt = this.#upUntil = this.#changedSince = Number.NEGATIVE_INFINITY
    this.#isLarge = false
  }

  /** Takes a frame that is drawn at `now`. Its cells are `scale` pixels wide. */
  note(frame: Frame, scale: number, now: number): void {
    if (this.#before.length !== frame.states.length) {
      this.#clear()
      this.#before = frame.states.slice()
      this.#changed = new Uint8Array(frame.states.length)
      return
    }
    const pause = (frame.states.length / 1_000_000) * PAUSE_PER_MILLION
    let steps = 1
    if (now - this.#checkedAt >= pause) {
      this.#checkedAt = now
      if (now - this.#changedSince >= TOGETHER) this.#forget(now)
      const { isLarge, step } = this.#compare(frame, scale)
      steps = this.#step < 0 ? 1 : Math.max(1, step - this.#step)
      this.#step = step
      this.#isLarge = isLarge
      if (isLarge) this.#forget(now)
    }
    // On a large grid the frames between two checks count like the last one that was checked.
    if (this.#isLarge) this.#count(steps, now)
    this.#notedAt = now
  }

  #forget(now: number): void {
    this.#changed.fill(0)
    this.#changedSince = now
  }

  #count(steps: number, now: number): void {
    this.#drawn.push(now)
    if (this.#drawn.length > CHANGE_LIMIT) this.#drawn.shift()
    const possible = Math.max(1, Math.floor((now - this.#notedAt) / SHORTEST))
    this.#wanted.push({ time: now, changes: Math.min(steps, possible) })
    while (this.#wanted[0]!.time <= now - SECOND) this.#wanted.shift()
    if (this.#wanted.reduce((sum, { changes }) => sum + changes, 0) > CHANGE_LIMIT) this.#upUntil = now + CALM_TIME
  }

  /**
   * The newest step, and whether more than a quarter of some field has changed. Cells that change in several pictures, because they
   * came in several messages, are added up; one that changes back has flashed all the same.
   */
  #compare({ height, states, steps, width }: Frame, scale: number) {
    const before = this.#before
    const changed = this.#changed
    const across = width + 1
    if (this.#sums.length !== across * (height + 1)) this.#sums = new Uint32Array(across * (height + 1))
    /** How many cells above and to the left of each corner have changed. */
    const sums = this.#sums.fill(0, 0, across)
    let step = -1
    for (let row = 0, index = 0, corner = across; row < height; row++) {
      let inRow = 0
      sums[corner++] = 0
      for (let column = 0; column < width; column++, index++, corner++) {
        if (steps[index]! > step) step = steps[index]!
        if (states[index] !== before[index]) {
          before[index] = states[index]!
          changed[index] = 1
        }
        inRow += changed[index]!
        sums[corner] = sums[corner - across]! + inRow
      }
    }
    const columns = Math.min(width, Math.max(1, Math.round(field.width / scale)))
    const rows = Math.min(height, Math.max(1, Math.round(field.height / scale)))
    const limit = areaLimit / (scale * scale)
    const lefts = placesOf(columns, width)
    for (const top of placesOf(rows, height))
      for (const left of lefts) {
        const [upper, lower] = [top * across + left, (top + rows) * across + left]
        if (sums[lower + columns]! - sums[lower]! - sums[upper + columns]! + sums[upper]! > limit)
          return { isLarge: true, step }
      }
    return { isLarge: false, step }
  }
}

/** Where a field that is `part` of `whole` cells may begin: an eighth of it apart, and the last place. */
const placesOf = (part: number, whole: number): ReadonlyArray<number> => {
  const last = whole - part
  const stride = Math.max(1, part >> 3)
  return [...Array.from({ length: Math.ceil(last / stride) }, (_, place) => place * stride), last]
}
