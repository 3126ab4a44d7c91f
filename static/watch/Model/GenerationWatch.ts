/** Looks at a model for whole generations, as often as the size of its grid allows. */
import { wholeGeneration } from "./Generation.ts"
import type { Frame, Model } from "./Model.ts"

/** Milliseconds between looks at a grid of so many cells; larger ones are looked at less often by as much. */
const pause = 40
const usual = 65_536

export class GenerationWatch {
  #epoch = -1
  #lookedAt = Number.NEGATIVE_INFINITY
  #step = -1

  /** A generation that is newer than those before; undefined when there is none, or it is not yet time. */
  look({ epoch, frame }: Model): Frame | undefined {
    if (epoch !== this.#epoch) this.#step = -1
    this.#epoch = epoch
    const now = performance.now()
    if (frame.steps.length === 0 || now - this.#lookedAt < pause * Math.max(1, frame.steps.length / usual)) return
    this.#lookedAt = now
    const whole = wholeGeneration(frame)
    const step = whole?.steps[0]
    if (step === undefined || step <= this.#step) return
    this.#step = step
    return whole
  }
}
