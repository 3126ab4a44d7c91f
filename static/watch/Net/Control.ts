/** The connection to the control channel of a server that owns its workers. It reconnects after each loss. */
import type { ControlRequest, ControlResponse } from "../../../src/Protocol/Control.ts"
import { formatControl, parseControlResponse } from "../../../src/Protocol/Control.ts"
import { backoff } from "./Backoff.ts"

export interface ControlHandlers {
  readonly onResponse: (response: ControlResponse) => void
  readonly onLost: () => void
}

export class Control {
  readonly #url: string
  readonly #handlers: ControlHandlers
  #socket: WebSocket | undefined
  #timer: number | undefined
  #attempt = 0
  #isWanted = false
  #isComing = false

  constructor(url: string, handlers: ControlHandlers) {
    this.#url = url
    this.#handlers = handlers
  }

  /** Whether the server has such a channel and the first connection is being opened. */
  get isComing(): boolean {
    return this.#isComing
  }

  /** Connects unless it is connected. */
  start(): void {
    if (this.#isWanted) return
    this.#isWanted = this.#isComing = true
    this.#connect()
  }

  /** Disconnects, because the server has no such channel any more. */
  stop(): void {
    if (!this.#isWanted) return
    this.#isWanted = this.#isComing = false
    window.clearTimeout(this.#timer)
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
    this.#handlers.onLost()
  }

  /** Sends a request. Returns false if there is no connection. */
  send(request: ControlRequest): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(formatControl(request))
    return true
  }

  #connect(): void {
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (this.#socket !== socket) return
      const response = typeof data === "string" ? parseControlResponse(data) : undefined
      if (response === undefined) return
      this.#attempt = 0
      this.#isComing = false
      this.#handlers.onResponse(response)
    }
    // No close code is final, because the server may be replaced by another one.
    socket.onclose = () => {
      if (this.#socket !== socket) return
      this.#socket = undefined
      this.#isComing = false
      this.#handlers.onLost()
      this.#timer = window.setTimeout(() => this.#connect(), backoff(this.#attempt++, Math.random()))
    }
  }
}
