/** The WebSocket paths for trying things out: `/test/ws/`, a conversation, and `/test/echo/`, for load tools. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { conversation } from "../../WebSocket/Api/ConversationEndpoint.ts"
import { detach } from "../../WebSocket/Frames/Detach.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import { relay } from "../../WebSocket/Http/WebSocketRouter.ts"
import { ServerConfig } from "../ServerConfig.ts"

const text = conversation(
  "/test/ws/",
  { role: "test" },
  Effect.fnUntraced(function* (talk) {
    yield* talk.send("Hello!")
    for (let count = 1; count <= 3; count++) yield* talk.send(`${count}. ${yield* talk.receive}`)
    yield* talk.send("Goodbye!")
  })
)

/** Bytes of small messages that may be decoded before their connection is paused. */
const READ_AHEAD = 4 * 1024 * 1024

/** Frees a message that has left, or never will: it is not to take memory until a collection. */
const free = (message: Message): void => {
  if (typeof message !== "string") detach(message)
}

const echo = Layer.unwrapEffect(
  Effect.map(ServerConfig, ({ maxMessage }) =>
    relay("/test/echo/", {
      role: "echo",
      open: (connection) => {
        /** Messages that may not have left. */
        const unsent: Array<Message> = []
        return {
          onMessage: (message) => {
            connection.sendUncopied(message)
            if (!connection.blocked) return
            // The server stops reading a client that does not read its answers. Then only the buffers of the kernels fill.
            if (unsent.push(message) > 1) return
            connection.pause()
            connection.onceDrained(() => {
              for (const one of unsent.splice(0)) free(one)
              connection.resume()
            })
          },
          onClose: () => {}
        }
      },
      maxPayload: maxMessage,
      maxQueued: 2 * maxMessage + READ_AHEAD
    })
  )
)

export const layer = Layer.mergeAll(text, echo)
