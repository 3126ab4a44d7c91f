/** The control channel, to a server that owns its workers. */
import type { ControlRequest, ControlResponse } from "../../../src/Protocol/Control.ts"
import { formatControl, parseControlResponse } from "../../../src/Protocol/Control.ts"
import { backoff } from "./Backoff.ts"

export class ControlLink {
  readonly #url: string
  readonly #onResponse: (response: ControlResponse) => void
  #socket: WebSocket | undefined
  #attempt = 0

  constructor(url: string, onResponse: (response: ControlResponse) => void) {
    this.#url = url
    this.#onResponse = onResponse
  }

  /** Connects, and again whenever the connection is lost. */
  start(): void {
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    socket.onopen = () => {
      this.#attempt = 0
    }
    socket.onmessage = ({ data }) => {
      const response = typeof data === "string" ? parseControlResponse(data) : undefined
      if (response !== undefined) this.#onResponse(response)
    }
    socket.onclose = () => {
      this.#socket = undefined
      window.setTimeout(() => this.start(), backoff(this.#attempt++, Math.random()))
    }
  }

  /** False when there is no connection at present. */
  send(request: ControlRequest): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(formatControl(request))
    return true
  }
}
