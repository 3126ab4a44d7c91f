/** Which frame is seen: the newest of the game, one from before that is held, or another in the game's place. */
import { Film } from "../Model/Film.ts"
import type { Frame, Model } from "../Model/Model.ts"

export class Shown {
  readonly #model: Model
  readonly #film = new Film()
  /** In place of the game. */
  #substitute: Frame | undefined
  /** A generation from before, which is not of the film. */
  #recalled: Frame | undefined
  #isFrozen = false
  #epoch = -1
  /** The versions of the newest frame that was seen, and of the newest that was kept. */
  #version = -1
  #keptVersion = -1

  constructor(model: Model) {
    this.#model = model
  }

  get frame(): Frame {
    const kept = this.#isFrozen || this.#keptVersion === this.#version ? this.#film.shown : undefined
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

  /** Whether what is seen is kept from before, in place of the newest. */
  get isPast(): boolean {
    return this.#isFrozen && this.#substitute === undefined && (this.#recalled ?? this.#film.shown) !== undefined
  }

  /** Whether a generation was recalled, and is held. */
  get isRecalled(): boolean {
    return this.#recalled !== undefined
  }

  /** Frames kept before and after the one that is seen. */
  get kept(): { readonly before: number; readonly after: number } {
    return { before: this.#film.before, after: this.#film.after }
  }

  /** Whether the game has nothing newer to be seen. */
  get isCurrent(): boolean {
    return (this.#isFrozen && this.#epoch === this.#model.epoch) || this.#version === this.#model.version
  }

  /** Holds what is seen, or goes on with the newest. */
  freeze(isFrozen: boolean): void {
    if (isFrozen) this.#keep()
    else {
      this.#film.move(this.#film.after)
      this.#version = -1
    }
    this.#isFrozen = isFrozen
    this.#recalled = undefined
  }

  /** Holds a generation of the game from before, of the same size. */
  recall(generation: Frame): void {
    this.freeze(true)
    this.#recalled = generation
  }

  /** Holds an earlier or later one of the frames kept. */
  step(frames: number): void {
    this.freeze(true)
    this.#film.move(frames)
  }

  /** The newest of the game is seen now, at a time in milliseconds. */
  see(now: number): Frame {
    this.#version = this.#model.version
    if (this.#film.isDue(this.#model.frame, now)) this.#keep()
    return this.#model.frame
  }

  /** Leaves what was, when the model has another game; tells whether it has. */
  begin(): boolean {
    if (this.#epoch === this.#model.epoch) return false
    this.#epoch = this.#model.epoch
    this.#film.clear()
    this.#keptVersion = -1
    this.#isFrozen = false
    this.#recalled = undefined
    return true
  }

  /** Keeps what is seen, unless that was done. */
  #keep(): void {
    if (this.#isFrozen || this.#model.isArriving || this.#keptVersion === this.#version) return
    this.#keptVersion = this.#version
    this.#film.push(this.#model.frame, performance.now())
  }
}
