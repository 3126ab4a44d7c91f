/** The HTTP API: log in, and see who is in a room. */
import {
  HttpApi,
  HttpApiBuilder,
  HttpApiEndpoint,
  HttpApiGroup,
  HttpApiSchema,
  HttpServerResponse
} from "@effect/platform"
import { Effect, Layer, Schema } from "effect"
import { Name } from "./Messages.ts"
import { page } from "./Page.ts"
import { Rooms } from "./Rooms.ts"
import { Sessions, sessionCookie } from "./Sessions.ts"

const room = HttpApiSchema.param("room", Schema.String)

class ChatApi extends HttpApi.make("chat").add(
  HttpApiGroup.make("chat")
    .add(HttpApiEndpoint.post("login", "/login").setPayload(Schema.Struct({ name: Name })))
    .add(HttpApiEndpoint.get("people")`/rooms/${room}/people`.addSuccess(Schema.Array(Schema.String)))
) {}

const chat = HttpApiBuilder.group(ChatApi, "chat", (handlers) =>
  handlers
    .handle("login", ({ payload }) =>
      Effect.gen(function* () {
        const secret = yield* Effect.flatMap(Sessions, (sessions) => sessions.begin(payload.name))
        yield* HttpApiBuilder.securitySetCookie(sessionCookie, secret, { sameSite: "lax" })
      })
    )
    .handle("people", ({ path }) =>
      Effect.map(
        Effect.flatMap(Rooms, (rooms) => rooms.presence(path.room)),
        (members) => [...new Set(members.map(({ user }) => user))]
      )
    )
)

const pages = HttpApiBuilder.Router.use((router) => router.get("/", HttpServerResponse.html(page)))

export const api = HttpApiBuilder.serve().pipe(
  Layer.provide(pages),
  Layer.provide(HttpApiBuilder.api(ChatApi).pipe(Layer.provide(chat)))
)
