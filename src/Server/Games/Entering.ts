/** The handler of a connection to a game that is still being opened. Messages that arrive meanwhile wait. */
import type { Handler } from "../../WebSocket/Connection/Handler.ts"
import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"

/** The most messages that wait; others are dropped. Who follows the protocol sends no more before the game is open. */
const MAX_EARLY = 16

export class Entering implements Handler {
  #handler: Handler | undefined = undefined
  #early: Array<Message> = []
  #close: Close | undefined = undefined

  /** Returns a handler at once. `find` calls back with the real one, at once or later. */
  static begin(find: (enter: (handler: Handler) => void) => void): Handler {
    const entering = new Entering()
    find((handler) => entering.#enter(handler))
    return entering.#handler ?? entering
  }

  onMessage(message: Message): void {
    if (this.#handler !== undefined) this.#handler.onMessage(message)
    else if (this.#early.length < MAX_EARLY) this.#early.push(message)
  }

  onClose(close: Close): void {
    if (this.#handler !== undefined) this.#handler.onClose(close)
    else this.#close = close
  }

  #enter(handler: Handler): void {
    this.#handler = handler
    for (const message of this.#early) handler.onMessage(message)
    this.#early = []
    if (this.#close !== undefined) handler.onClose(this.#close)
  }
}
