/** Carries out the orders of a display: paints a frame in the colours of a theme, and draws it with the current view. */
import { unknown } from "../../../src/Protocol/WatchProtocol.ts"
import type { Frame } from "../Model/Model.ts"
import { Picture } from "./Picture.ts"
import type { PictureOptions } from "./PictureOptions.ts"
import type { Scheme } from "./Themes.ts"
import { themeNamed } from "./Themes.ts"
import { Vacancies } from "./Vacancies.ts"

/** A picture to paint. It can be posted to a worker. */
export interface Painting {
  /** `undefined`: the newest frame of the game. */
  readonly frame: Frame | undefined
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

export class Painter {
  readonly #picture: Picture
  readonly #newest: () => Frame
  readonly #vacancies = new Vacancies()

  /** `newest` returns the newest frame of the game. */
  constructor(canvas: HTMLCanvasElement | OffscreenCanvas, newest: () => Frame) {
    this.#picture = new Picture(canvas)
    this.#newest = newest
  }

  carryOut({ options, painting }: Order): void {
    if (painting !== undefined) this.#paint(painting)
    this.#picture.draw(options)
  }

  #paint({ connected, frame = this.#newest(), scheme, subscribed, theme }: Painting): void {
    this.#picture.next().paint(frame, themeNamed(theme), scheme, (pixels) => {
      if (frame.states.includes(unknown) || frame.width === 0)
        this.#vacancies.paint(frame, connected, subscribed, scheme, pixels)
    })
  }
}
