/** Keeps the last frames that were shown, to step back through them. Its memory is bounded and reused. */
import { noStep } from "../../../src/Protocol/WatchProtocol.ts"
import type { Frame } from "./Model.ts"
import { emptyFrame } from "./Model.ts"

const bytesPerCell = 7
const memoryLimit = 64 * 2 ** 20
const frameLimit = 240

/** Milliseconds between kept frames, for each million cells, because copying a large frame takes some milliseconds. */
const pausePerMillion = 200

const copy = (from: Frame, to: Frame) => {
  to.steps.set(from.steps)
  to.states.set(from.states)
  to.ages.set(from.ages)
  to.heats.set(from.heats)
}

/** Whether all cells of a frame are at the same step as in the frame before. */
const isSame = (frame: Frame, before: Frame): boolean => {
  for (let index = 0; index < frame.steps.length; index++)
    if (frame.steps[index] !== before.steps[index] || frame.states[index] !== before.states[index]) return false
  return true
}

const hasBegun = ({ steps }: Frame): boolean => {
  for (let index = 0; index < steps.length; index++) if (steps[index] !== noStep) return true
  return false
}

/** Whether a frame replaces the one before: that one has no states yet, or no cell has advanced since. */
const replaces = (frame: Frame, before: Frame): boolean =>
  frame.width === before.width && frame.height === before.height && (!hasBegun(before) || isSame(frame, before))

export class FrameBuffer {
  /** Oldest first; all of one size. */
  #frames: Array<Frame> = []
  #position = -1
  #pushedAt = Number.NEGATIVE_INFINITY

  /** The shown frame. */
  get shown(): Frame | undefined {
    return this.#frames[this.#position]
  }

  /** How many frames are kept before and after the one that is shown. */
  get before(): number {
    return Math.max(0, this.#position)
  }

  get after(): number {
    return this.#frames.length - 1 - this.#position
  }

  /** Whether enough time has passed to keep another frame. Copying many large frames would slow the page down. */
  isDue({ steps }: Frame, now: number): boolean {
    return now - this.#pushedAt >= (steps.length / 1_000_000) * pausePerMillion
  }

  /** Keeps a copy of `frame` as the newest and shows it. `now` is in milliseconds. */
  push(frame: Frame, now: number): Frame {
    this.#pushedAt = now
    const last = this.#frames.at(-1)
    if (last !== undefined && replaces(frame, last)) {
      copy(frame, last)
      this.#position = this.#frames.length - 1
      return last
    }
    const first = this.#frames[0]
    if (first?.width !== frame.width || first.height !== frame.height || first.stateCount !== frame.stateCount)
      this.#frames = []
    const limit = Math.max(2, Math.min(frameLimit, Math.floor(memoryLimit / (frame.steps.length * bytesPerCell + 1))))
    const kept =
      this.#frames.length < limit ? emptyFrame(frame.width, frame.height, frame.stateCount) : this.#frames.shift()!
    copy(frame, kept)
    this.#frames.push(kept)
    this.#position = this.#frames.length - 1
    return kept
  }

  /** Removes all frames, when another game begins. */
  clear(): void {
    this.#frames = []
    this.#position = -1
    this.#pushedAt = Number.NEGATIVE_INFINITY
  }

  /** Moves by a number of frames, as far as there are frames. Returns false if nothing changes. */
  move(frames: number): boolean {
    const position = Math.min(Math.max(0, this.#position + frames), this.#frames.length - 1)
    const hasMoved = position !== this.#position
    this.#position = position
    return hasMoved
  }
}
