import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Channel from "../../src/Channels/Channel.ts"
import type { ChannelsOptions } from "../../src/Channels/ChannelsOptions.ts"
import { disconnects, errors } from "../../src/Channels/Codes.ts"

/** As in examples/channels, with what the tests need beside it. */
export const options: ChannelsOptions<never, never, never> = {
  channels: [
    Channel.make("room:*", {
      history: { messages: 100, age: "10 minutes" },
      presence: true,
      joinLeave: true,
      publish: true,
      read: true
    }),
    Channel.make("room:private-*", { subscribe: Channel.denied, publish: Channel.denied, read: Channel.denied }),
    Channel.make("short:*", { history: { messages: 2 }, publish: true, read: true }),
    Channel.make("news", {}),
    Channel.make("user:*", { history: { messages: 10 }, subscribe: Channel.denied, read: true }),
    Channel.make("typed", { message: Schema.Struct({ text: Schema.String }), publish: "subscribers" })
  ],
  procedures: [Channel.procedure("echo", { request: Schema.Unknown, response: Schema.Unknown }, Effect.succeed)],
  connect: ({ token }) => {
    const user = /^user:(.+)$/s.exec(token)?.[1]
    if (token === "expired") return Effect.fail(errors.tokenExpired)
    return user === undefined ? Effect.fail(disconnects.invalidToken) : Effect.succeed({ user })
  }
}
