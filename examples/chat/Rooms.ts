/** The rooms: a topic with a key for each room. */
import { Context, Effect, Layer, Option } from "effect"
import { conversation, Guards, Topic } from "effect-c10k"
import { messages, type Said } from "./Messages.ts"
import { Sessions, sessionCookie } from "./Sessions.ts"

export class Rooms extends Context.Tag("chat/Rooms")<Rooms, Topic.Topic<Said>>() {
  /** For several servers: `Topic.makeShared({ name: "chat", ... })`, with `JetStreamLogs.layer`. */
  static readonly layer = Layer.scoped(
    Rooms,
    Topic.make<Said>({
      codec: messages,
      announce: ({ _tag, others, user }) =>
        others > 0 ? undefined : { from: user, text: _tag === "Joined" ? "has come in" : "has left" }
    })
  )
}

/** The user of a request, by the cookie that the login set. Browsers send it with page requests and with WebSockets. */
const user = Effect.gen(function* () {
  yield* Guards.origin()
  const secret = yield* Guards.credentials(sessionCookie)
  const found = yield* Effect.flatMap(Sessions, (sessions) => sessions.find(secret))
  return yield* Option.match(found, {
    onNone: () => Effect.fail(Guards.refusal(401, "log in again")),
    onSome: Effect.succeed
  })
})

export const room = conversation(
  "/rooms/:room",
  { codec: messages, admit: () => user },
  (talk, { admitted: from, params }) =>
    Effect.gen(function* () {
      const rooms = yield* Rooms
      yield* rooms.join(params.room, talk, from)
      yield* talk.forEach(({ text }) => rooms.publish(params.room, { from, text }))
    })
)
