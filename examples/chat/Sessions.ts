/** The users who have logged in. Sessions are kept in memory, so they end with the server. */
import { HttpApiSecurity } from "@effect/platform"
import { Context, Effect, Layer, Option, Redacted } from "effect"

/** The cookie of a session. Browsers send it with a WebSocket too. */
export const sessionCookie = HttpApiSecurity.apiKey({ key: "session", in: "cookie" })

export class Sessions extends Context.Tag("chat/Sessions")<
  Sessions,
  {
    /** Logs a user in. Gives the secret that the browser keeps. */
    readonly begin: (name: string) => Effect.Effect<Redacted.Redacted>
    readonly find: (secret: Redacted.Redacted) => Effect.Effect<Option.Option<string>>
  }
>() {
  static readonly layer = Layer.sync(Sessions, () => {
    const names = new Map<string, string>()
    return Sessions.of({
      begin: (name) =>
        Effect.sync(() => {
          const secret = crypto.randomUUID()
          names.set(secret, name)
          return Redacted.make(secret)
        }),
      find: (secret) => Effect.sync(() => Option.fromNullable(names.get(Redacted.value(secret))))
    })
  })
}
