/** The history of the game: the generations that the server keeps or that this page has seen. Its bar is the time line; the buttons go through the same. */
import { element, setText } from "../../Element.ts"
import { count } from "../Model/Format.ts"
import { pack } from "../Model/Generation.ts"
import { GenerationAssembly } from "../Model/GenerationAssembly.ts"
import { GenerationStore } from "../Model/GenerationStore.ts"
import type { Frame, Model } from "../Model/Model.ts"
import { HistoryLink } from "../Net/HistoryLink.ts"
import type { Display } from "../Stage/Display.ts"
import { passFocus, press } from "./Actions.ts"
import type { PageStore } from "./PageState.ts"
import type { Toast } from "./Toast.ts"

export interface TimelineParts {
  readonly display: Display
  readonly model: Model
  readonly store: PageStore
  readonly toast: Toast
  /** The address of the server's recording; `undefined` if it keeps none. */
  readonly url: string | undefined
  /** Goes to a generation that has not come yet. */
  readonly onAhead: (step: number) => void
}

export class Timeline {
  readonly #parts: TimelineParts
  readonly #bar = element("timeline", HTMLElement)
  readonly #range = element("timeline-range", HTMLInputElement)
  readonly #shown = element("timeline-shown", HTMLElement)
  readonly #reach = element("timeline-reach", HTMLElement)
  readonly #go = element("timeline-go", HTMLInputElement)
  readonly #live = element("timeline-live", HTMLButtonElement)
  readonly #closer = element("timeline-close", HTMLButtonElement)
  readonly #link: HistoryLink
  #store = new GenerationStore(0, 0, 2)
  #epoch = -1
  /** Whether generations come from the server's recording too. */
  #hasHistory = false
  /** The step that is seen instead of the newest one. */
  #step: number | undefined
  /** Whether a pointer moves the bar. */
  #isDragged = false

  constructor(parts: TimelineParts) {
    this.#parts = parts
    this.#link = new HistoryLink(parts.url, {
      onGame: ({ height, stateCount, width }) => {
        const { frame } = parts.model
        // The recording may be of a newer game than the page knows, or still of the game before.
        const store =
          width === frame.width && height === frame.height && stateCount === frame.stateCount
            ? this.#store
            : new GenerationStore(width, height, stateCount)
        this.#hasHistory = true
        const assembly = new GenerationAssembly(width * height, store.bits, (step, packed) => store.put(step, packed))
        return (index, step, state) => assembly.state(index, step, state)
      },
      onNews: () => this.#show(),
      onAbsent: () => {
        this.#hasHistory = false
        this.#show()
      },
      onDamage: ({ message }) => parts.toast.show(`The recording of the game could not be read: ${message}.`)
    })
    parts.store.on(["readAt"], () => this.#show())
    // A connection whose path is gone may not notice it, because a recording may be silent.
    parts.store.on(["link"], ({ link }) => {
      if (link._tag === "Open" && this.#isOpen) this.#link.start()
    })
    this.#range.addEventListener("pointerdown", () => {
      this.#isDragged = true
    })
    // The pointer may be let go elsewhere.
    for (const end of ["pointerup", "pointercancel"])
      window.addEventListener(end, () => {
        this.#isDragged = false
      })
    this.#range.addEventListener("input", () => this.#slide(Number(this.#range.value)))
    this.#go.addEventListener("change", () => this.#goTo(this.#go.valueAsNumber))
    this.#live.addEventListener("click", () => parts.display.freeze(false))
    this.#closer.addEventListener("click", () => this.#close())
    this.#bar.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close()
    })
  }

  get #isOpen(): boolean {
    return !this.#bar.hidden
  }

  /** Checks whether another game has begun. */
  follow(): void {
    const { epoch, frame } = this.#parts.model
    if (epoch === this.#epoch) return
    this.#epoch = epoch
    this.#step = undefined
    this.#store = new GenerationStore(frame.width, frame.height, frame.stateCount)
    this.#hasHistory = false
    if (this.#isOpen) this.#link.start()
    this.#show()
  }

  /** Stores a whole generation that the page has seen. */
  note({ states, steps }: Frame): void {
    this.#store.put(steps[0]!, pack(states, this.#store.bits))
  }

  /** The generations that are kept now. */
  get kept(): GenerationStore {
    return this.#store.copy()
  }

  #open(): void {
    this.#bar.hidden = false
    press("time", true)
    this.#link.start()
    this.#show()
  }

  toggle(): void {
    if (this.#isOpen) return this.#close()
    this.#open()
    // When the game has just begun, there are no generations to choose yet.
    if (this.#range.disabled) this.#closer.focus()
    else this.#range.focus()
  }

  /** The kept generations right before and after the one that is seen. A frame whose cells are of several steps lies between two. */
  get #beside(): { readonly before: number | undefined; readonly after: number | undefined } {
    const { max, min } = this.#parts.display.steps
    return { before: this.#store.before(max > min ? min + 1 : min), after: this.#store.after(min) }
  }

  /** Whether there may be an earlier generation: the page has seen one, or the server keeps them and was not asked yet. */
  get canGoBack(): boolean {
    return (
      this.#beside.before !== undefined || (this.#parts.url !== undefined && this.#parts.model.hasGame && !this.#isOpen)
    )
  }

  /** Shows the generation before. If only the server may know it, this opens the time line, which asks for it. The focus stays. */
  back(): void {
    const { before } = this.#beside
    if (before !== undefined) this.#seek(before)
    else if (this.canGoBack) this.#open()
  }

  /** Shows the generation after the one that is seen. Returns false if none is kept. */
  forward(): boolean {
    const { after } = this.#beside
    if (after === undefined || !this.#parts.display.isPast) return false
    this.#seek(after)
    return true
  }

  /** Updates the time line if it is visible. */
  #show(): void {
    if (!this.#parts.display.isRecalled) this.#step = undefined
    if (!this.#isOpen) return
    const { first, last } = this.#store
    this.#range.disabled = first === undefined || first === last
    this.#range.min = String(first ?? 0)
    this.#range.max = String(last ?? 0)
    const { display } = this.#parts
    const step = this.#step ?? (display.isPast ? display.steps.min : last)
    this.#range.value = String(step ?? 0)
    const text = this.#describe(step)
    this.#range.setAttribute("aria-valuetext", text)
    setText(this.#shown, text)
    setText(this.#reach, this.#describeReach(step))
    if (!display.isPast) passFocus(this.#live)
    this.#live.disabled = !display.isPast
  }

  /** The generation that is seen. It may have been removed for newer ones; it stays on the screen. */
  #describe(seen: number | undefined): string {
    if (seen === undefined) return "No generations yet"
    if (!this.#parts.display.isPast) return `Live: ${count(seen)}`
    return `Generation ${count(seen)}${seen < (this.#store.first ?? 0) ? ", not kept" : ""}`
  }

  /** What can be gone through. */
  #describeReach(seen: number | undefined): string {
    const { first } = this.#store
    if (first === undefined || seen === undefined) return ""
    if (seen < first) return `It stays here until you go on. The oldest that is kept is ${count(first)}.`
    return `from ${count(first)}, as ${this.#hasHistory ? "the server has kept it" : "this page has seen it"}`
  }

  /** Goes to the generation with this number, or to the nearest one that is kept. */
  #goTo(wanted: number): void {
    this.#go.value = ""
    const { last } = this.#store
    if (!Number.isSafeInteger(wanted) || wanted < 0) return
    if (last === undefined || wanted > last) return this.#parts.onAhead(wanted)
    this.#seek(wanted)
  }

  /** The bar was moved. A key moves it beyond the generations that are not kept, or it would stay before them for ever. */
  #slide(wanted: number): void {
    const seen = this.#step ?? this.#parts.display.steps.min
    if (this.#isDragged || this.#store.nearest(wanted) !== seen) return this.#seek(wanted)
    this.#seek((wanted > seen ? this.#store.after(seen) : this.#store.before(seen)) ?? seen)
  }

  /** Shows a generation, or the nearest one that is kept. */
  #seek(wanted: number): void {
    const step = this.#store.nearest(wanted)
    if (step === undefined) return
    if (step !== wanted)
      this.#parts.toast.show(`Generation ${count(wanted)} is not kept; ${count(step)} is the nearest.`)
    this.#step = step
    this.#parts.display.recall(this.#store.frame(step))
    this.#show()
  }

  #close(): void {
    const { display } = this.#parts
    passFocus(this.#bar)
    this.#bar.hidden = true
    press("time", false)
    this.#link.stop()
    if (this.#step !== undefined) display.freeze(false)
  }
}
