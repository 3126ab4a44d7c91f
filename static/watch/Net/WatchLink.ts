/** The link to the server's watch feed: reads its blocks, says what the page wants of them, and asks for nothing while the page is hidden. */
import { decodeFigures } from "../../../src/Protocol/WatchDecoder.ts"
import type { FiguresBlock } from "../../../src/Protocol/WatchProtocol.ts"
import { SUBPROTOCOL } from "../../../src/Protocol/WatchProtocol.ts"
import type { WatchRequest } from "../../../src/Protocol/WatchRequest.ts"
import { formatRequest } from "../../../src/Protocol/WatchRequest.ts"
import { Link, type LinkState } from "../../Link.ts"

export interface WatchHandlers {
  /** The blocks of a message that are not about cells. `hasCells`: it has others. */
  readonly onNews: (blocks: ReadonlyArray<FiguresBlock>, hasCells: boolean, message: ArrayBuffer) => void
  /** A message of a client that the page listens to. Returns false if a correct server never sends it. */
  readonly onText: (text: string) => boolean
  readonly onState: (state: LinkState) => void
}

/** The server sends figures at least every 5 seconds. */
const SILENCE = 12_000

const requestFor = {
  newest: { _tag: "Newest" },
  whole: { _tag: "Whole" },
  figures: { _tag: "Figures" }
} as const

export class WatchLink {
  readonly #link: Link
  #interval = 0
  /** The cells that the page asks for. */
  #cells: "newest" | "whole" | "figures" = "newest"
  /** The cell to whose client the page listens, in the game with the number `game`. */
  #listened: { readonly cell: number | undefined; readonly game: number } = { cell: undefined, game: 0 }

  constructor(url: string, { onNews, onState, onText }: WatchHandlers) {
    this.#link = new Link({
      ...{ url, subprotocol: SUBPROTOCOL, silence: SILENCE },
      onMessage: (data) => {
        if (typeof data === "string" && this.#link.subprotocol === SUBPROTOCOL && onText(data)) return
        const news = typeof data === "string" ? undefined : decodeFigures(new Uint8Array(data))
        if (typeof data === "string" || news === undefined) this.refuse()
        else onNews(news.blocks, news.hasOthers, data)
      },
      onState: (state) => {
        onState(state)
        if (state._tag === "Open") this.#begin()
      }
    })
    document.addEventListener("visibilitychange", () => {
      this.#send({ _tag: document.hidden ? "Pause" : "Resume" })
      if (this.#listened.cell !== undefined) this.#listen()
    })
  }

  start(): void {
    this.#link.start()
  }

  /** Connects now, without waiting. */
  retry(): void {
    this.#link.retry()
  }

  /** Connects anew: the server sends everything again. */
  renew(reason: string): void {
    this.#link.drop(reason)
    this.#link.retry()
  }

  /** A message was malformed. */
  refuse(): void {
    this.#link.drop("The server sent a message that this page cannot read.")
  }

  /** Asks for whole generations only, for the newest state of every cell, or for figures without cells. */
  want(cells: "newest" | "whole" | "figures"): void {
    if (cells === this.#cells) return
    this.#cells = cells
    this.#send(requestFor[cells])
  }

  /** Asks for news at most every `interval` milliseconds. */
  pace(interval: number): void {
    if (interval === this.#interval) return
    this.#interval = interval
    this.#send({ _tag: "Pace", interval })
  }

  /** Listens to the client of a cell, in the game with this number; `undefined`: to none. */
  listen(cell: number | undefined, game: number): void {
    const { cell: before, game: gameBefore } = this.#listened
    if (cell === before && (cell === undefined || game === gameBefore)) return
    this.#listened = { cell, game }
    this.#listen()
  }

  #listen(): void {
    this.#send({ _tag: "Listen", cell: document.hidden ? undefined : this.#listened.cell })
  }

  /** A new connection knows nothing of what the page has asked for. */
  #begin(): void {
    this.#send({ _tag: "Gaps" })
    this.#send({ _tag: "Bits" })
    if (this.#interval > 0) this.#send({ _tag: "Pace", interval: this.#interval })
    if (this.#cells !== "newest") this.#send(requestFor[this.#cells])
    if (this.#listened.cell !== undefined) this.#listen()
    if (document.hidden) this.#send({ _tag: "Pause" })
  }

  #send(request: WatchRequest): void {
    this.#link.send(formatRequest(request))
  }
}
