/** The link to the control channel of a server that owns its workers, or of one that plays a recording. */
import type { ControlRequest, ControlResponse } from "../../../src/Protocol/Control.ts"
import { formatControl, parseControlResponse } from "../../../src/Protocol/Control.ts"
import { Link } from "../../Link.ts"

export interface ControlHandlers {
  readonly onResponse: (response: ControlResponse) => void
  /** No close code is final, because the server may be replaced by another one. */
  readonly onLost: () => void
}

export class ControlLink {
  readonly #link: Link
  readonly #onLost: () => void
  #isComing = false

  constructor(url: string, { onLost, onResponse }: ControlHandlers) {
    this.#onLost = onLost
    this.#link = new Link({
      url,
      onMessage: (data) => {
        const response = typeof data === "string" ? parseControlResponse(data) : undefined
        if (response === undefined) return
        this.#isComing = false
        onResponse(response)
      },
      onState: ({ _tag }) => {
        if (_tag !== "Lost") return
        this.#isComing = false
        onLost()
      }
    })
  }

  /** Whether the server has such a channel and the first connection is being opened. */
  get isComing(): boolean {
    return this.#isComing
  }

  /** Connects unless it is connected. */
  start(): void {
    if (this.#link.isStarted) return
    this.#isComing = true
    this.#link.start()
  }

  /** Disconnects, because the server has no such channel any more. */
  stop(): void {
    if (!this.#link.isStarted) return
    this.#isComing = false
    this.#link.stop()
    this.#onLost()
  }

  /**
   * Connects anew, because the line to the server is dead. The channel is silent for long, so it can't find that out, and the browser
   * may take minutes.
   */
  renew(reason: string): void {
    this.#link.drop(reason)
  }

  /** Connects now, without waiting. */
  retry(): void {
    this.#link.retry()
  }

  /** Sends a request. Returns false if there is no connection. */
  send(request: ControlRequest): boolean {
    return this.#link.send(formatControl(request))
  }
}
