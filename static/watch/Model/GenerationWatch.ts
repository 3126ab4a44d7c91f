/** Looks for new whole generations in the frames of a model. */
import { wholeGeneration } from "./Generation.ts"
import type { Frame, Model } from "./Model.ts"

export class GenerationWatch {
  #epoch = -1
  #step = -1

  /** A new whole generation; `undefined` if there is none. */
  check({ epoch, frame }: Model): Frame | undefined {
    if (epoch !== this.#epoch) this.#step = -1
    this.#epoch = epoch
    const whole = wholeGeneration(frame)
    const step = whole?.steps[0]
    if (step === undefined || step <= this.#step) return undefined
    this.#step = step
    return whole
  }
}
