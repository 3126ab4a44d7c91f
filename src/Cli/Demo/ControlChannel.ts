/** The control channel: pages steer the game of a server that owns its workers. Relay style, on `/control/`. */
import type * as Layer from "effect/Layer"
import {
  type ControlRequest,
  type ControlResponse,
  type ControlState,
  formatControl,
  parseControlRequest
} from "../../Protocol/Control.ts"
import type { Connection } from "../../WebSocket/Connection/Connection.ts"
import type { Handler } from "../../WebSocket/Connection/Handler.ts"
import { relay, type WebSocketRouter } from "../../WebSocket/Http/WebSocketRouter.ts"

/** Bytes of the longest request: a drawn grid of a million cells. */
const MAX_REQUEST = 2 * 1024 * 1024

export interface Asked {
  readonly request: ControlRequest
  /** Tells the page that asked why it is not done. */
  readonly refuse: (reason: string) => void
}

export class ControlChannel {
  readonly #pages = new Set<Connection>()
  readonly #ask: (asked: Asked) => void
  #state: ControlState

  /** `ask` is called for each request, inside a chunk. */
  constructor(speed: number, ask: (asked: Asked) => void) {
    this.#ask = ask
    this.#state = { type: "state", game: "none", speed }
  }

  get game(): ControlState["game"] {
    return this.#state.game
  }

  /** Tells all pages. */
  show(change: Partial<Omit<ControlState, "type">>): void {
    this.#state = { ...this.#state, ...change }
    for (const page of this.#pages) tell(page, this.#state)
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
    tell(page, this.#state)
    const refuse = (reason: string) => tell(page, { type: "refused", reason })
    return {
      onMessage: (message) => {
        const request = typeof message === "string" ? parseControlRequest(message) : undefined
        if (request === undefined) refuse("this is no request that the server knows")
        else this.#ask({ request, refuse })
      },
      onClose: () => {
        this.#pages.delete(page)
      }
    }
  }
}

const tell = (page: Connection, response: ControlResponse): void => page.send(formatControl(response))
