/** The frame that is seen: the newest one of the game, an earlier one, or another frame instead of the game. */
import { copyOf, type Frame, type Model, type StepRange, stepRange } from "../Model/Model.ts"

export class Shown {
  readonly #model: Model
  /** A frame that is shown instead of the game. */
  substitute: Frame | undefined
  /** The frame at which the view was frozen, or a recalled generation. */
  #past: Frame | undefined
  #isRecalled = false
  /** Whether a recalled generation waits to be seen. */
  #isDue = false
  #isFrozen = false
  /** Whether the view was frozen at the newest frame that the page had, which may not be the one on the screen. */
  #isHasty = false
  #epoch = -1
  #ranged: { readonly frame: Frame; readonly steps: StepRange } | undefined
  /** The version of the newest frame that was seen. */
  #version = -1

  constructor(model: Model) {
    this.#model = model
  }

  get frame(): Frame {
    return this.substitute ?? this.#past ?? this.#model.frame
  }

  /** The range of the steps of the game's frame. An earlier frame does not change, so it is looked at once. */
  get steps(): StepRange {
    const past = this.substitute === undefined ? this.#past : undefined
    if (past === undefined) return this.#model.steps
    if (this.#ranged?.frame !== past) this.#ranged = { frame: past, steps: stepRange(past) }
    return this.#ranged.steps
  }

  get isFrozen(): boolean {
    return this.#isFrozen
  }

  /** Whether an earlier frame is seen instead of the newest one. */
  get isPast(): boolean {
    return this.substitute === undefined && this.#past !== undefined
  }

  /** Whether a recalled generation is seen. */
  get isRecalled(): boolean {
    return this.#isRecalled
  }

  /** Whether the newest frame of the game, or the recalled one, is seen already. */
  get isCurrent(): boolean {
    return !this.#isDue && this.#isDrawn
  }

  get #isDrawn(): boolean {
    return (this.#isFrozen && this.#epoch === this.#model.epoch) || this.#version === this.#model.version
  }

  /** Freezes the view at the newest frame, or shows the game again. While clients still arrive, there is no frame to keep. */
  freeze(isFrozen: boolean): void {
    const { frame, isArriving } = this.#model
    this.#past = isFrozen && !isArriving ? copyOf(frame) : undefined
    this.#isFrozen = this.#isHasty = isFrozen
    this.#isRecalled = this.#isDue = false
    if (!isFrozen) this.#version = -1
  }

  /** The model has the frame that was on the screen when the view was frozen. Returns whether it is seen now. */
  settle(): boolean {
    if (!this.#isHasty || this.#past === undefined || this.#epoch !== this.#model.epoch) return false
    this.#isHasty = false
    this.#past = copyOf(this.#model.frame)
    return true
  }

  /** Shows an earlier generation of the game, which has the same size. */
  recall(generation: Frame): void {
    this.#past = generation
    this.#isFrozen = this.#isRecalled = this.#isDue = true
    this.#isHasty = false
  }

  /** Shows the newest frame of the game, or the recalled one. */
  see(): Frame {
    if (this.#isDue && this.#past !== undefined) {
      this.#isDue = false
      return this.#past
    }
    this.#version = this.#model.version
    return this.#model.frame
  }

  /** If the model has another game, forgets the last one. Returns whether it has. */
  begin(): boolean {
    if (this.#epoch === this.#model.epoch) return false
    this.#epoch = this.#model.epoch
    this.#version = -1
    this.#past = undefined
    this.#isFrozen = this.#isRecalled = this.#isDue = false
    return true
  }
}
