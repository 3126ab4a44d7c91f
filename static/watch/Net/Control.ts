/** The control channel, whose client is loaded when a server has one: most have none, and it is half of the page's script. */
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
    // What comes first, an answer or a loss, ends the wait.
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

  /** Whether the server has such a channel, and the first connection to it is on its way. */
  get isComing(): boolean {
    return this.#isComing
  }

  /** Connects unless it is connected; fails when the client cannot be loaded. */
  async start(): Promise<void> {
    this.#isWanted = true
    if (this.#link === undefined) {
      this.#isComing = true
      const client = await this.#load()
      this.#link ??= new client.ControlLink(this.#url, this.#handlers)
    }
    // It may be another server by now.
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

  /** The server, another than before maybe, has no such channel. */
  stop(): void {
    this.#isWanted = this.#isComing = false
    this.#link?.stop()
  }

  /** False when there is no connection at present. */
  send(request: ControlRequest): boolean {
    return this.#link?.send(request) ?? false
  }
}
