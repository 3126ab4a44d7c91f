/** Saves and copies the generation that is seen. For a running game this is the newest generation that all cells have reached. */
import { wholeGeneration } from "../Model/Generation.ts"
import type { Frame } from "../Model/Model.ts"
import { Model } from "../Model/Model.ts"
import { type FetchedGeneration, fetchGeneration } from "../Net/GenerationRequest.ts"
import type { Display } from "../Stage/Display.ts"
import { savePng, saveRle, toRle } from "./Files.ts"
import type { Settings } from "./Settings.ts"
import type { Toast } from "./Toast.ts"

export interface KeepingParts {
  readonly display: Display
  readonly model: Model
  readonly settings: Settings
  readonly toast: Toast
  /** The address of the watch feed. */
  readonly url: string
}

interface Kept {
  readonly generation: Frame
  readonly topology: string
}

export class Keeping {
  readonly #parts: KeepingParts

  constructor(parts: KeepingParts) {
    this.#parts = parts
  }

  savePng(): Promise<void> {
    const { options } = this.#parts.settings
    return this.#do(
      async ({ generation, topology }) => savePng(generation, topology, options),
      "The picture was saved."
    )
  }

  saveRle(): Promise<void> {
    return this.#do(async ({ generation, topology }) => saveRle(generation, topology), "The pattern was saved.")
  }

  /** Passes a promise of the text to the clipboard at once. Later, the browser would not accept it as a user action. */
  copyRle(): Promise<void> {
    const text = this.#generation().then(({ generation, topology }) => toRle(generation, topology))
    return this.#report(
      text.then((rle) => {
        if (navigator.clipboard === undefined)
          throw new Error("This browser gives no access to its clipboard; save the pattern as a file instead.")
        return navigator.clipboard.writeText(rle)
      }),
      "The pattern was copied."
    )
  }

  #do(use: (kept: Kept) => Promise<void>, success: string): Promise<void> {
    return this.#report(this.#generation().then(use), success)
  }

  async #report(work: Promise<void>, success: string): Promise<void> {
    const { toast } = this.#parts
    await work.then(
      () => toast.show(success),
      (error: Error) => toast.show(error.message)
    )
  }

  async #generation(): Promise<Kept> {
    const { display, model, url } = this.#parts
    const { topology } = model
    const seen = wholeGeneration(display.frame)
    if (display.isPast || model.status?.phase === "ended") {
      if (seen === undefined)
        throw new Error(
          "The cells of this frame are of several generations, so it can't be saved. Go one generation back."
        )
      return { generation: seen, topology }
    }
    if (model.status?.phase !== "running") throw new Error("There are no cells to save yet.")
    let found: FetchedGeneration
    try {
      found = await fetchGeneration(url)
    } catch (error) {
      // Without the server, what the page has is kept.
      if (seen === undefined) throw error
      return { generation: seen, topology }
    }
    const { cells, game } = found
    const fetched = new Model()
    fetched.apply([game, cells])
    // Only this page knows the heats, because it has watched for a while.
    if (fetched.frame.heats.length === display.frame.heats.length) fetched.frame.heats.set(display.frame.heats)
    return { generation: fetched.frame, topology: game.topology }
  }
}
