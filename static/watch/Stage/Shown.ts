/** The frame that is seen: the newest one of the game, an earlier one, or another frame instead of the game. */
import { FrameBuffer } from "../Model/FrameBuffer.ts"
import type { Frame, Model } from "../Model/Model.ts"

export class Shown {
  readonly #model: Model
  readonly #buffer = new FrameBuffer()
  /** A frame that is shown instead of the game. */
  #substitute: Frame | undefined
  /** An earlier generation that is not from the film. */
  #recalled: Frame | undefined
  #isFrozen = false
  #epoch = -1
  /** The version of the newest frame that was seen, and of the newest one that was kept. */
  #version = -1
  #keptVersion = -1

  constructor(model: Model) {
    this.#model = model
  }

  get frame(): Frame {
    // What was kept of an earlier game, or before the first one, is no longer seen once another game has come.
    const isOfGame = this.#epoch === this.#model.epoch && this.#keptVersion === this.#version
    const kept = this.#isFrozen || isOfGame ? this.#buffer.shown : undefined
    return this.#substitute ?? this.#recalled ?? kept ?? this.#model.frame
  }

  get substitute(): Frame | undefined {
    return this.#substitute
  }

  set substitute(frame: Frame | undefined) {
    this.#substitute = frame
  }

  get isFrozen(): boolean {
    return this.#isFrozen
  }

  /** Whether an earlier frame is seen instead of the newest one. */
  get isPast(): boolean {
    return this.#isFrozen && this.#substitute === undefined && (this.#recalled ?? this.#buffer.shown) !== undefined
  }

  /** Whether a recalled generation is seen. */
  get isRecalled(): boolean {
    return this.#recalled !== undefined
  }

  /** The number of kept frames before and after the one that is seen. */
  get kept(): { readonly before: number; readonly after: number } {
    return { before: this.#buffer.before, after: this.#buffer.after }
  }

  /** Whether the newest frame of the game is seen already. */
  get isCurrent(): boolean {
    return (this.#isFrozen && this.#epoch === this.#model.epoch) || this.#version === this.#model.version
  }

  /** Freezes the view, or shows the newest frame again. */
  freeze(isFrozen: boolean): void {
    if (isFrozen) {
      // Before the first picture of a game, the view is frozen at its first frame.
      if (this.#version < 0) this.#version = this.#model.version
      this.#keep(performance.now())
    } else {
      this.#buffer.move(this.#buffer.after)
      this.#version = -1
    }
    this.#isFrozen = isFrozen
    this.#recalled = undefined
  }

  /** Shows an earlier generation of the game, which has the same size. */
  recall(generation: Frame): void {
    this.freeze(true)
    this.#recalled = generation
  }

  /** Shows an earlier or later kept frame. */
  step(frames: number): void {
    this.freeze(true)
    this.#buffer.move(frames)
  }

  /** Shows the newest frame of the game. `now` is in milliseconds. */
  see(now: number): Frame {
    this.#version = this.#model.version
    if (this.#buffer.isDue(this.#model.frame, now)) this.#keep(now)
    return this.#model.frame
  }

  /** If the model has another game, forgets the last one. Returns whether it has. */
  begin(): boolean {
    if (this.#epoch === this.#model.epoch) return false
    this.#epoch = this.#model.epoch
    this.#buffer.clear()
    this.#version = this.#keptVersion = -1
    this.#isFrozen = false
    this.#recalled = undefined
    return true
  }

  /**
   * Keeps the frame that is seen, unless it is kept already. `now` is the time of the picture, not of this call: on a busy machine a
   * picture is drawn so late that the time of the next one may be before it, and then that one would not be kept.
   */
  #keep(now: number): void {
    if (this.#isFrozen || this.#model.isArriving || this.#keptVersion === this.#version) return
    this.#keptVersion = this.#version
    this.#buffer.push(this.#model.frame, now)
  }
}
