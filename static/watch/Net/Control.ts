/** The control channel. Its client is half of the page's script, so it is loaded only if the server has this channel. */
import type { ControlRequest } from "../../../src/Protocol/Control.ts"
import type { ControlHandlers, ControlLink } from "./ControlLink.ts"

interface Client {
  readonly ControlLink: new (url: string, handlers: ControlHandlers) => ControlLink
}

const path = "/static/watch/control/main.js"

export class Control {
  readonly #url: string
  readonly #handlers: ControlHandlers
  #isWanted = false
  #isComing = false
  #link: ControlLink | undefined

  constructor(url: string, handlers: ControlHandlers) {
    this.#url = url
    // Either an answer or a loss of the connection ends the wait.
    this.#handlers = {
      onResponse: (response) => {
        this.#isComing = false
        handlers.onResponse(response)
      },
      onLost: () => {
        this.#isComing = false
        handlers.onLost()
      }
    }
  }

  /** Whether the server has such a channel and the first connection is being opened. */
  get isComing(): boolean {
    return this.#isComing
  }

  /** Connects unless it is connected. Fails if the client can't be loaded. */
  async start(): Promise<void> {
    this.#isWanted = true
    if (this.#link === undefined) {
      this.#isComing = true
      const client = await this.#load()
      this.#link ??= new client.ControlLink(this.#url, this.#handlers)
    }
    // During the loading the server may have been replaced by one without this channel.
    if (this.#isWanted) this.#link.start()
  }

  async #load(): Promise<Client> {
    try {
      return await import(path)
    } catch (error) {
      this.#isComing = false
      throw error
    }
  }

  /** Disconnects, because the server has no such channel any more. */
  stop(): void {
    this.#isWanted = this.#isComing = false
    this.#link?.stop()
  }

  /** Sends a request. Returns false if there is no connection. */
  send(request: ControlRequest): boolean {
    return this.#link?.send(request) ?? false
  }
}
