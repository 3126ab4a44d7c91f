/** The control channel, to a server that owns its workers. */
import type { ControlRequest, ControlResponse } from "../../../src/Protocol/Control.ts"
import { formatControl, parseControlResponse } from "../../../src/Protocol/Control.ts"
import { backoff } from "./Backoff.ts"

export interface ControlHandlers {
  readonly onResponse: (response: ControlResponse) => void
  readonly onLost: () => void
}

export class ControlLink {
  readonly #url: string
  readonly #handlers: ControlHandlers
  #socket: WebSocket | undefined
  #timer: number | undefined
  #attempt = 0

  constructor(url: string, handlers: ControlHandlers) {
    this.#url = url
    this.#handlers = handlers
  }

  /** Connects unless it is connected, and again whenever the connection is lost. */
  start(): void {
    window.clearTimeout(this.#timer)
    if (this.#socket !== undefined) return
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    socket.onopen = () => {
      this.#attempt = 0
    }
    socket.onmessage = ({ data }) => {
      const response = typeof data === "string" ? parseControlResponse(data) : undefined
      if (response !== undefined) this.#handlers.onResponse(response)
    }
    socket.onclose = () => {
      this.#socket = undefined
      this.#handlers.onLost()
      this.#timer = window.setTimeout(() => this.start(), backoff(this.#attempt++, Math.random()))
    }
  }

  /** The server, another than before maybe, has no such channel. */
  stop(): void {
    window.clearTimeout(this.#timer)
    const socket = this.#socket
    this.#socket = undefined
    if (socket === undefined) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
    this.#handlers.onLost()
  }

  /** False when there is no connection at present. */
  send(request: ControlRequest): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(formatControl(request))
    return true
  }
}
