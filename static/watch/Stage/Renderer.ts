/**
 * Has the states of the game: reads the server's messages, carries out the page's orders to draw, and gives the page a frame of the
 * cells a few times a second. It runs in a worker, so that the page's own thread is free, or in the page if the browser can't draw in
 * workers.
 */
import { decode } from "../../../src/Protocol/WatchDecoder.ts"
import { UNKNOWN } from "../../../src/Protocol/WatchProtocol.ts"
import type { Calm } from "../Model/DrawPace.ts"
import { FlashGuard } from "../Model/FlashGuard.ts"
import type { Frame, Sighting } from "../Model/Model.ts"
import { copyOf, Model } from "../Model/Model.ts"
import { Throttle } from "../Model/Throttle.ts"
import { Picture } from "./Picture.ts"
import type { PictureOptions } from "./PictureOptions.ts"
import type { Scheme } from "./Themes.ts"
import { themeNamed } from "./Themes.ts"
import { Vacancies } from "./Vacancies.ts"

/** A picture to paint. It can be posted to a worker. */
export interface Painting {
  /** `undefined`: the newest frame of the game. */
  readonly frame: Frame | undefined
  /** Present if the picture counts for the guard against flashes: the pixels of a cell, and when the page draws it. */
  readonly guarded: { readonly scale: number; readonly now: number } | undefined
  readonly theme: string
  readonly scheme: Scheme
  /** The number of workers, for cells without a state. */
  readonly connected: number
  readonly subscribed: number
}

export interface Order {
  readonly options: PictureOptions
  /** `undefined` if the last painting is still valid. */
  readonly painting: Painting | undefined
}

export type FromPage =
  /** A message of the server, after the page's model has read it. Its bytes are transferred, not copied. */
  | ({ readonly _tag: "News"; readonly message: ArrayBuffer } & Pick<Model, "begun" | "wantsWhole">)
  | { readonly _tag: "Draw"; readonly order: Order }
  /** Asks for a frame at once. */
  | { readonly _tag: "Poll" }

export type ToPage =
  /** An order was carried out. `calm` is present after a picture that counts for the guard. */
  | { readonly _tag: "Drawn"; readonly calm: Calm | undefined }
  /** `isAsked`: it is the answer to `Poll`. */
  | { readonly _tag: "Frame"; readonly sighting: Sighting; readonly isAsked: boolean }
  /** The server sent what no correct server sends: cells that are not on the grid, or bytes that are no message. */
  | { readonly _tag: "Fault"; readonly isReadable: boolean }

/** Milliseconds between two frames of a grid of the usual size. Those of larger grids take longer to look at. */
const PAUSE = 40
const USUAL = 65_536

export class Renderer {
  readonly #model = new Model()
  readonly #guard = new FlashGuard()
  readonly #picture: Picture
  readonly #vacancies = new Vacancies()
  readonly #post: (message: ToPage, transfer: ReadonlyArray<Transferable>) => void
  readonly #frames = new Throttle(0, () => this.#show(false))
  #begun = 0

  /** Throws if the browser can't draw on the canvas. */
  constructor(
    canvas: HTMLCanvasElement | OffscreenCanvas,
    post: (message: ToPage, transfer: ReadonlyArray<Transferable>) => void
  ) {
    this.#picture = new Picture(canvas)
    this.#post = post
  }

  take(message: FromPage): void {
    switch (message._tag) {
      case "News":
        return this.#apply(message)
      case "Draw":
        return this.#draw(message.order)
      case "Poll":
        return this.#show(true)
    }
  }

  #apply({ begun, message, wantsWhole }: Extract<FromPage, { readonly _tag: "News" }>): void {
    const model = this.#model
    const { version } = model
    model.wantsWhole = wantsWhole
    const blocks = decode(new Uint8Array(message))
    // The page may count a grid that this model has not begun.
    if (blocks === undefined) return this.#post({ _tag: "Fault", isReadable: false }, [])
    if (!model.apply(blocks)) this.#post({ _tag: "Fault", isReadable: true }, [])
    this.#begun = begun
    this.#frames.interval = (PAUSE * model.frame.steps.length) / USUAL
    if (model.version !== version) this.#frames.request()
  }

  #show(isAsked: boolean): void {
    const frame = copyOf(this.#model.frame)
    const arrays = [frame.steps, frame.states, frame.ages, frame.heats]
    this.#post(
      { _tag: "Frame", sighting: { begun: this.#begun, frame }, isAsked },
      arrays.map(({ buffer }) => buffer as ArrayBuffer)
    )
  }

  #draw({ options, painting }: Order): void {
    if (painting !== undefined) this.#paint(painting)
    this.#picture.draw(options)
    this.#post({ _tag: "Drawn", calm: painting?.guarded && this.#guard.calm }, [])
  }

  #paint({ connected, frame = this.#model.frame, guarded, scheme, subscribed, theme }: Painting): void {
    if (guarded !== undefined) this.#guard.note(frame, guarded.scale, guarded.now)
    this.#picture.next().paint(frame, themeNamed(theme), scheme, (pixels) => {
      if (frame.states.includes(UNKNOWN) || frame.width === 0)
        this.#vacancies.paint(frame, connected, subscribed, scheme, pixels)
    })
  }
}
