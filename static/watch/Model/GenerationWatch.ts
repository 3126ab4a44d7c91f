/** Looks for whole generations in a model, as often as the size of its grid allows. */
import { wholeGeneration } from "./Generation.ts"
import type { Frame, Model } from "./Model.ts"

/** Milliseconds between two checks of a grid of the usual size. Other grids are checked in proportion to their size. */
const pause = 40
const usual = 65_536

export class GenerationWatch {
  #epoch = -1
  #checkedAt = Number.NEGATIVE_INFINITY
  #step = -1

  /** A new whole generation; `undefined` if there is none or too little time has passed. */
  check({ epoch, frame }: Model): Frame | undefined {
    if (epoch !== this.#epoch) this.#step = -1
    this.#epoch = epoch
    const now = performance.now()
    if (frame.steps.length === 0 || now - this.#checkedAt < (pause * frame.steps.length) / usual) return
    this.#checkedAt = now
    const whole = wholeGeneration(frame)
    const step = whole?.steps[0]
    if (step === undefined || step <= this.#step) return
    this.#step = step
    return whole
  }
}
