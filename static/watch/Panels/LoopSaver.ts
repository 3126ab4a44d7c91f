/** Saves generations of the game as a GIF that repeats: one period of a periodic game, else the last generations. */
import { bytes, count } from "../Model/Format.ts"
import { loopOf } from "../Model/Loop.ts"
import type { Model } from "../Model/Model.ts"
import { CALM_INTERVAL } from "../Model/Preferences.ts"
import type { Rhythms } from "../Model/Rhythm.ts"
import { Script } from "../Net/Script.ts"
import type { Display } from "../Stage/Display.ts"
import { download, pictureOf } from "./Files.ts"
import type { PageStore } from "./PageState.ts"
import type { Timeline } from "./Timeline.ts"
import type { Toast } from "./Toast.ts"

/** The longer side of a picture in pixels, as far as whole pixels for a cell allow it. */
const SIDE = 480

/** Milliseconds for which a picture is shown, unless the viewer wants no flashing. */
const USUAL_DELAY = 100

/** A GIF has at most about this many bytes. */
const MOST_BYTES = 16 * 2 ** 20

/** The progress is told after this many milliseconds, so that screen readers are not flooded. */
const PAUSE = 1_000

const script = new Script<typeof import("../gif/main.ts")>("gif/main.js")

export interface LoopSaverParts {
  readonly display: Display
  readonly model: Model
  readonly rhythms: Rhythms
  readonly store: PageStore
  readonly timeline: Timeline
  readonly toast: Toast
}

export class LoopSaver {
  readonly #parts: LoopSaverParts
  #isBusy = false

  constructor(parts: LoopSaverParts) {
    this.#parts = parts
  }

  async save(): Promise<void> {
    const { toast } = this.#parts
    if (this.#isBusy) return toast.show("The GIF before is not finished yet.")
    this.#isBusy = true
    await this.#write().then(
      (text) => toast.show(text),
      (error: Error) => toast.show(error.message)
    )
    this.#isBusy = false
  }

  async #write(): Promise<string> {
    const { display, model, rhythms, store, timeline, toast } = this.#parts
    const { options } = store.state
    const { topology } = model
    const { rhythm } = rhythms
    const period = rhythm === undefined ? undefined : rhythm._tag === "Still" ? 1 : rhythm.period
    // The pictures are those of now, also if the game goes on or another one begins.
    const kept = timeline.kept
    const until = display.isPast ? display.steps.min : undefined
    const loop = loopOf(kept.until(until), period, display.grid, rhythms.since)
    if (loop === undefined) throw new Error("There are no two generations to make a GIF of yet.")
    const { begin } = await script.load()
    const writer = begin()
    const delay = options.isGuarded ? CALM_INTERVAL : USUAL_DELAY
    let announcedAt = performance.now()
    let written = 0
    for (const step of loop.steps) {
      const canvas = pictureOf(kept.frame(step), topology, options, SIDE)
      const context = canvas.getContext("2d")
      if (context === null) throw new Error("This browser cannot draw a picture of that size.")
      writer.add(context.getImageData(0, 0, canvas.width, canvas.height), delay)
      written++
      if (writer.size() > MOST_BYTES) break
      if (performance.now() - announcedAt > PAUSE) {
        announcedAt = performance.now()
        toast.show(`Making the GIF: ${written} of ${loop.steps.length} pictures.`)
      }
      // The page stays usable meanwhile.
      await new Promise((resolve) => setTimeout(resolve))
    }
    const file = writer.end()
    const [from, to] = [loop.steps[0]!, loop.steps[written - 1]!]
    download(new Blob([file as BlobPart], { type: "image/gif" }), `life-step-${from}-to-${to}.gif`)
    const what = `${written} ${written === 1 ? "generation" : "generations"}, ${count(from)} to ${count(to)}`
    const end =
      written < loop.steps.length ? "; more would be too large" : loop.isPeriod ? ": one period, without a seam" : ""
    return `A GIF of ${what}, was saved (${bytes(file.length)})${end}.`
  }
}
