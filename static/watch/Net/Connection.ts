/** Keeps a WebSocket to the server open. It reconnects after a loss, and asks for nothing while the page is hidden. */
import { decode } from "../../../src/Protocol/WatchDecoder.ts"
import type { Block } from "../../../src/Protocol/WatchProtocol.ts"
import { subprotocol } from "../../../src/Protocol/WatchProtocol.ts"
import type { WatchRequest } from "../../../src/Protocol/WatchRequest.ts"
import { formatRequest } from "../../../src/Protocol/WatchRequest.ts"
import { backoff } from "./Backoff.ts"

export type LinkState =
  | { readonly _tag: "Connecting" }
  | { readonly _tag: "Open" }
  /** `retryAt` is in milliseconds of `performance.now()`. */
  | { readonly _tag: "Lost"; readonly reason: string; readonly retryAt: number }

export interface Handlers {
  /** The blocks are views of the bytes of `message`. */
  readonly onBlocks: (blocks: ReadonlyArray<Block>, message: ArrayBuffer) => void
  /** A message of a client that the page listens to. Returns false if a correct server never sends it. */
  readonly onText: (text: string) => boolean
  readonly onState: (state: LinkState) => void
}

/** The connection counts as dead after this many milliseconds without a message. The server sends figures at least every 5 seconds. */
const silenceLimit = 12_000

const openLimit = 10_000

const requestFor = {
  newest: { _tag: "Newest" },
  whole: { _tag: "Whole" },
  figures: { _tag: "Figures" }
} as const

const reasonFor = (event: CloseEvent, wasOpen: boolean): string => {
  if (!wasOpen) return "The server does not answer."
  if (event.code === 1001) return "The server is shutting down."
  return event.reason === "" ? "The connection was lost." : `The server closed the connection: ${event.reason}.`
}

export class Connection {
  readonly #url: string
  readonly #handlers: Handlers
  #socket: WebSocket | undefined
  #attempt = 0
  #retryTimer: number | undefined
  #heardAt = 0
  #interval = 0
  /** The cells that the page asks for. */
  #cells: "newest" | "whole" | "figures" = "newest"
  /** The cell to whose client the page listens, in the game with the number `game`. */
  #heard: { readonly cell: number | undefined; readonly game: number } = { cell: undefined, game: 0 }

  constructor(url: string, handlers: Handlers) {
    this.#url = url
    this.#handlers = handlers
  }

  start(): void {
    document.addEventListener("visibilitychange", () => this.#onVisibility())
    window.addEventListener("online", () => this.retry())
    window.addEventListener("offline", () => this.#drop("This device is offline."))
    // A page that returns from the browser's back-forward cache has lost its connection without an event.
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) this.#drop("The connection was lost.")
    })
    window.setInterval(() => this.#checkSilence(), 2_000)
    this.#connect()
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  /** Connects now, without waiting. */
  retry(): void {
    if (this.#socket === undefined) this.#connect()
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
    const { cell: before, game: gameBefore } = this.#heard
    if (cell === before && (cell === undefined || game === gameBefore)) return
    this.#heard = { cell, game }
    this.#send({ _tag: "Listen", cell })
  }

  #connect(): void {
    window.clearTimeout(this.#retryTimer)
    this.#handlers.onState({ _tag: "Connecting" })
    const socket = new WebSocket(this.#url, subprotocol)
    socket.binaryType = "arraybuffer"
    this.#socket = socket
    this.#heardAt = performance.now()
    let wasOpen = false
    socket.onopen = () => {
      wasOpen = true
      this.#attempt = 0
      this.#handlers.onState({ _tag: "Open" })
      this.#send({ _tag: "Gaps" })
      if (this.#interval > 0) this.#send({ _tag: "Pace", interval: this.#interval })
      if (this.#cells !== "newest") this.#send(requestFor[this.#cells])
      if (this.#heard.cell !== undefined) this.#send({ _tag: "Listen", cell: this.#heard.cell })
      if (document.hidden) this.#send({ _tag: "Pause" })
    }
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      this.#heardAt = performance.now()
      const { onBlocks, onText } = this.#handlers
      if (typeof data === "string" && socket.protocol === subprotocol && onText(data)) return
      const blocks = typeof data === "string" ? undefined : decode(new Uint8Array(data))
      if (typeof data === "string" || blocks === undefined)
        this.#drop("The server sent a message that this page cannot read.")
      else onBlocks(blocks, data)
    }
    socket.onclose = (event) => this.#drop(reasonFor(event, wasOpen))
  }

  /** Gives up the current connection without waiting for its close, which may never come, and plans the next attempt. */
  #drop(reason: string): void {
    const socket = this.#socket
    if (socket === undefined) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
    this.#socket = undefined
    const wait = backoff(this.#attempt++, Math.random())
    this.#retryTimer = window.setTimeout(() => this.#connect(), wait)
    this.#handlers.onState({ _tag: "Lost", reason, retryAt: performance.now() + wait })
  }

  #send(request: WatchRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(formatRequest(request))
  }

  #onVisibility(): void {
    this.#heardAt = performance.now()
    this.#send({ _tag: document.hidden ? "Pause" : "Resume" })
    if (this.#heard.cell !== undefined)
      this.#send({ _tag: "Listen", cell: document.hidden ? undefined : this.#heard.cell })
    if (!document.hidden) this.retry()
  }

  #checkSilence(): void {
    if (document.hidden || this.#socket === undefined) return
    const silence = performance.now() - this.#heardAt
    if (this.#socket.readyState === WebSocket.CONNECTING) {
      if (silence > openLimit) this.#drop("The server does not answer.")
    } else if (silence > silenceLimit) this.#drop("The server does not send anything any more.")
  }
}
