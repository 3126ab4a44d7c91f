/** The control channel on `/control/`: pages control the game of a server that owns its workers. */
import type * as Layer from "effect/Layer"
import {
  type ControlRequest,
  type ControlResponse,
  type ControlState,
  formatControl,
  parseControlRequest
} from "../Protocol/Control.ts"
import type { Connection } from "../WebSocket/Connection/Connection.ts"
import type { Handler } from "../WebSocket/Connection/Handler.ts"
import { relay, type WebSocketRouter } from "../WebSocket/Http/WebSocketRouter.ts"

/** The most bytes of a request. A drawing of a million cells fits. */
const MAX_REQUEST = 2 * 1024 * 1024

export interface PageRequest {
  readonly request: ControlRequest
  /** Tells the page that asked why its request is refused. */
  readonly refuse: (reason: string) => void
}

export class ControlChannel {
  readonly #pages = new Set<Connection>()
  readonly #ask: (asked: PageRequest) => void
  #state: ControlState

  /** `speed` is in steps per second. `ask` is called for each request, inside a chunk. */
  constructor(speed: number, ask: (asked: PageRequest) => void) {
    this.#ask = ask
    this.#state = { type: "state", game: "none", speed }
  }

  get game(): ControlState["game"] {
    return this.#state.game
  }

  /** Changes the state and sends it to all pages. */
  show(change: Partial<Omit<ControlState, "type">>): void {
    this.#state = { ...this.#state, ...change }
    for (const page of this.#pages) send(page, this.#state)
  }

  /** Reports to all pages what was done to clients. */
  report(fault: "disconnect" | "freeze" | "kill", count: number, time: number): void {
    for (const page of this.#pages) send(page, { type: "fault", fault, count, time })
  }

  get endpoint(): Layer.Layer<never, never, WebSocketRouter> {
    return relay("/control/", {
      role: "control",
      ownPagesOnly: true,
      open: (page) => this.#open(page),
      maxPayload: MAX_REQUEST
    })
  }

  #open(page: Connection): Handler {
    this.#pages.add(page)
    send(page, this.#state)
    const refuse = (reason: string) => send(page, { type: "refused", reason })
    return {
      onMessage: (message) => {
        const request = typeof message === "string" ? parseControlRequest(message) : undefined
        if (request === undefined) refuse("the server does not know this request")
        else this.#ask({ request, refuse })
      },
      onClose: () => {
        this.#pages.delete(page)
      }
    }
  }
}

const send = (page: Connection, response: ControlResponse): void => page.send(formatControl(response))
