/** The WebSocket paths for tests: `/test/ws/`, a conversation, and `/test/echo/`, for load testers. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { conversation } from "../../WebSocket/Api/ConversationEndpoint.ts"
import type { Connection } from "../../WebSocket/Connection/Connection.ts"
import type { Handler } from "../../WebSocket/Connection/Handler.ts"
import { free } from "../../WebSocket/Frames/Detach.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import { relay } from "../../WebSocket/Http/WebSocketRouter.ts"
import { ServerConfig } from "../ServerConfig.ts"

const text = conversation(
  "/test/ws/",
  { role: "test" },
  Effect.fnUntraced(function* (conversation) {
    yield* conversation.send("Hello!")
    for (let count = 1; count <= 3; count++) yield* conversation.send(`${count}. ${yield* conversation.receive}`)
    yield* conversation.send("Goodbye!")
  })
)

/** Bytes of small messages that may already be decoded when their connection is paused. */
const READ_AHEAD = 4 * 1024 * 1024

/** A class, so that all connections share its functions. There may be a million, so fields are made when needed. */
class Echo implements Handler {
  readonly #connection: Connection
  /** Messages that may not have left this process yet. */
  #unsent: Array<Message> | undefined = undefined

  constructor(connection: Connection) {
    this.#connection = connection
  }

  onMessage(message: Message): void {
    const connection = this.#connection
    connection.sendUncopied(message)
    // All has left.
    if (!connection.blocked) return free(message)
    if (this.#unsent !== undefined) return void this.#unsent.push(message)
    this.#unsent = [message]
    // The server stops reading a client that does not read its answers. Then only the buffers of the kernels fill.
    connection.pause()
    connection.onceDrained(() => this.#drained())
  }

  /** The socket is destroyed if it has bytes, so nothing reads them any more. */
  onGivenUp(): void {
    this.#free()
  }

  onClose(): void {}

  #drained(): void {
    this.#free()
    this.#connection.resume()
  }

  #free(): void {
    this.#unsent?.forEach(free)
    this.#unsent = undefined
  }
}

const echo = Layer.unwrapEffect(
  Effect.map(ServerConfig, ({ maxMessage }) =>
    relay("/test/echo/", {
      role: "echo",
      open: (connection) => new Echo(connection),
      maxPayload: maxMessage,
      maxQueued: 2 * maxMessage + READ_AHEAD
    })
  )
)

export const layer = Layer.mergeAll(text, echo)
