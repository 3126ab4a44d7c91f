/** The connection to the control channel of a server that owns its workers. */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type { ControlRequest, ControlResponse } from "../../../src/Protocol/Control.ts"
import { formatControl, parseControlResponse } from "../../../src/Protocol/Control.ts"
import * as NativeConnector from "../../../src/WebSocket/Client/NativeConnector.ts"
import * as Reconnecting from "../../../src/WebSocket/Client/Reconnecting.ts"
import type { Conversation } from "../../../src/WebSocket/Conversation/Conversation.ts"

export interface ControlHandlers {
  readonly onResponse: (response: ControlResponse) => void
  readonly onLost: () => void
}

export class ControlLink {
  readonly #url: URL
  readonly #handlers: ControlHandlers
  #talk: Conversation | undefined
  #client: Fiber.RuntimeFiber<unknown, unknown> | undefined

  constructor(url: string, handlers: ControlHandlers) {
    this.#url = new URL(url)
    this.#handlers = handlers
  }

  /** Connects unless it is connected, and reconnects after each loss. */
  start(): void {
    if (this.#client !== undefined) return
    const use = (talk: Conversation) => {
      this.#talk = talk
      return talk.forEach((message) => Effect.sync(() => this.#take(message)))
    }
    const onState = ({ _tag }: Reconnecting.LinkState) =>
      _tag === "Waiting" ? Effect.sync(() => this.#handlers.onLost()) : Effect.void
    // No close code is final, because the server may be replaced by another one.
    this.#client = Reconnecting.run({ url: this.#url }, use, { isFinal: () => false, onState }).pipe(
      Effect.provide(NativeConnector.layer()),
      Effect.runFork
    )
  }

  /** Disconnects, because the server has no such channel any more. */
  stop(): void {
    if (this.#client === undefined) return
    this.#client.unsafeInterruptAsFork(FiberId.none)
    this.#client = this.#talk = undefined
    this.#handlers.onLost()
  }

  /** Sends a request. Returns false if there is no connection. */
  send(request: ControlRequest): boolean {
    return this.#talk?.offer(formatControl(request)) ?? false
  }

  #take(message: string | Uint8Array): void {
    const response = typeof message === "string" ? parseControlResponse(message) : undefined
    if (response !== undefined) this.#handlers.onResponse(response)
  }
}
