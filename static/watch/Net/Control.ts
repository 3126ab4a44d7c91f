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
  #link: ControlLink | undefined

  constructor(url: string, handlers: ControlHandlers) {
    this.#url = url
    this.#handlers = handlers
  }

  /** Connects unless it is connected; fails when the client cannot be loaded. */
  async start(): Promise<void> {
    this.#isWanted = true
    if (this.#link === undefined) {
      const client: Client = await import(path)
      this.#link ??= new client.ControlLink(this.#url, this.#handlers)
    }
    // It may be another server by now.
    if (this.#isWanted) this.#link.start()
  }

  /** The server, another than before maybe, has no such channel. */
  stop(): void {
    this.#isWanted = false
    this.#link?.stop()
  }

  /** False when there is no connection at present. */
  send(request: ControlRequest): boolean {
    return this.#link?.send(request) ?? false
  }
}
