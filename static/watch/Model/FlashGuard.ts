/**
 * Detects whether large areas flash, by WCAG 2.3.1: more than three flashes (a change and its opposite) per second, on more than
 * a quarter of a field of 341 by 256 pixels, which is the field of view of ten degrees. Pure.
 */
import type { Frame } from "./Model.ts"

const field = { width: 341, height: 256 }
const areaLimit = (field.width * field.height) / 4

/** The most changes per second. Three flashes are six changes. */
const changeLimit = 6

/** Changes are counted over this many milliseconds. The guard stays up for the same time after too many changes. */
const second = 1_000
const calmTime = 2_000

/** Milliseconds between two checks, because a check takes some milliseconds on a grid of a million cells. */
const pause = 200

export class FlashGuard {
  /** When steps changed a large area, and how many steps it were each time. */
  #changes: Array<{ readonly time: number; readonly steps: number }> = []
  #step = -1
  #checkedAt = Number.NEGATIVE_INFINITY
  #upUntil = Number.NEGATIVE_INFINITY
  #counts = new Uint32Array(0)

  /** Whether the page must draw less often. */
  isUp(now: number): boolean {
    return now < this.#upUntil
  }

  /** Forgets all changes, for another game. */
  clear(): void {
    this.#changes = []
    this.#step = -1
    this.#checkedAt = Number.NEGATIVE_INFINITY
    this.#upUntil = Number.NEGATIVE_INFINITY
  }

  /** Checks the newest frame. Its cells are `scale` pixels wide. */
  note(frame: Frame, scale: number, now: number): void {
    if (now - this.#checkedAt < pause) return
    this.#checkedAt = now
    const { isLarge, step } = this.#measure(frame, scale)
    const steps = step - this.#step
    if (steps <= 0) return
    const isFirst = this.#step < 0
    this.#step = step
    if (isFirst || !isLarge) return
    this.#changes.push({ time: now, steps })
    while (this.#changes[0]!.time <= now - second) this.#changes.shift()
    if (this.#changes.reduce((sum, change) => sum + change.steps, 0) > changeLimit) this.#upUntil = now + calmTime
  }

  /**
   * The newest step, and whether more than a quarter of some field changed in it. Fields overlap by half. So changed cells are
   * counted for quarters of fields, and four adjacent quarters are added.
   */
  #measure({ ages, height, steps, width }: Frame, scale: number) {
    const columns = Math.max(1, Math.round(field.width / 2 / scale))
    const rows = Math.max(1, Math.round(field.height / 2 / scale))
    const across = Math.ceil(width / columns)
    const down = Math.ceil(height / rows)
    if (this.#counts.length < across * down) this.#counts = new Uint32Array(across * down)
    const counts = this.#counts.fill(0)
    let step = -1
    for (let row = 0, index = 0; row < height; row++) {
      const base = Math.floor(row / rows) * across
      for (let column = 0; column < width; column++, index++) {
        if (steps[index]! > step) step = steps[index]!
        if (ages[index] === 0) counts[base + Math.floor(column / columns)]!++
      }
    }
    const limit = areaLimit / (scale * scale)
    const at = (x: number, y: number) => (x < across && y < down ? counts[y * across + x]! : 0)
    for (let y = 0; y < down; y++)
      for (let x = 0; x < across; x++)
        if (at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1) > limit) return { isLarge: true, step }
    return { isLarge: false, step }
  }
}
