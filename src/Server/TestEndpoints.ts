/** The WebSocket paths for trying things out: `/test/ws/`, a conversation, and `/test/echo/`, for load tools. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { conversation } from "../WebSocket/ConversationEndpoint.ts"
import { relay } from "../WebSocket/WebSocketRouter.ts"

const text = conversation("/test/ws/", (talk) =>
  Effect.gen(function* () {
    yield* talk.send("Hello!")
    for (let count = 1; count <= 3; count++) yield* talk.send(`${count}. ${yield* talk.receive}`)
    yield* talk.send("Goodbye!")
  })
)

/** The most bytes of a message to echo: conformance suites send 16 MiB. */
const ECHO_PAYLOAD = 16 * 1024 * 1024
const ECHO_QUEUE = 2 * ECHO_PAYLOAD

const echo = relay("/test/echo/", {
  open: (connection) => ({
    onMessage: (message) => connection.send(message),
    onClose: () => {}
  }),
  maxPayload: ECHO_PAYLOAD,
  maxQueued: ECHO_QUEUE
})

export const layer = Layer.mergeAll(text, echo)
