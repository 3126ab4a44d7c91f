/** The rate of slow steps, measured from the times at which all cells had reached a step. Pure. */

/** The steps that are measured: at most this many, and none that was longer ago than this, in milliseconds. */
const MAX_STEPS = 20
const MEMORY = 60_000

export class StepClock {
  #game = -1
  #steps: Array<{ readonly step: number; readonly time: number }> = []

  /** All cells of a game have reached `step` at a time in milliseconds. */
  note(game: number, step: number, time: number): void {
    if (game !== this.#game || time < (this.#steps.at(-1)?.time ?? 0)) this.#steps = []
    this.#game = game
    if (step < 0 || step === this.#steps.at(-1)?.step) return
    this.#steps.push({ step, time })
    if (this.#steps.length > MAX_STEPS) this.#steps.shift()
    while (this.#steps.length > 2 && this.#steps[0]!.time < time - MEMORY) this.#steps.shift()
  }

  /** Steps a second at `now`; `undefined` before the second step, and when the next one is much later than usual. */
  perSecond(now: number): number | undefined {
    const first = this.#steps[0]
    const last = this.#steps.at(-1)
    if (first === undefined || last === undefined || last.step === first.step) return undefined
    const usual = (last.time - first.time) / (last.step - first.step)
    return now - last.time > 3 * usual ? undefined : 1000 / usual
  }
}
