import * as Schema from "effect/Schema"
import { answer, type CheckedProtocol, step } from "../Protocol.ts"

type Members = Readonly<Record<string, unknown>>

/** A command, and the reply that it must get. */
const command = (name: string, request: Members, result: unknown = {}, own: object = {}) => [
  { send: { json: { id: "{{message | number}}", [name]: request } } },
  { set: { command: "{{message}}" } },
  { expect: { json: { id: "{{command | number}}", [name]: result }, ...own } }
]

const channel = { channel: Schema.String }

/** The client protocol of Centrifugo, in JSON, which the channels of this package speak too. */
export const centrifugo: CheckedProtocol = {
  connect: { path: "/connection/websocket" },
  lines: true,
  replies: { key: "$.id" },
  on: [{ when: "{}", send: "{}" }],
  begin: step(
    "Its options: those of the connect command",
    Schema.Struct({ token: Schema.optional(Schema.String), data: Schema.optional(Schema.Unknown) }),
    (options) => command("connect", { ...options })
  ),
  steps: {
    subscribe: step(
      "Subscribe to a channel, and take the reply",
      Schema.Struct({ ...channel, token: Schema.optional(Schema.String), ...answer }),
      ({ capture, timeout, ...request }) => command("subscribe", request, {}, { capture, timeout })
    ),
    unsubscribe: step("Unsubscribe from a channel, and take the reply", Schema.Struct(channel), (request) =>
      command("unsubscribe", request)
    ),
    publish: step(
      "Publish in a channel, and take the reply",
      Schema.Struct({ ...channel, data: Schema.Unknown }),
      (request) => command("publish", request)
    ),
    rpc: step(
      "Call a procedure; result: what its data must have",
      Schema.Struct({
        method: Schema.String,
        data: Schema.optional(Schema.Unknown),
        result: Schema.optional(Schema.Unknown),
        ...answer
      }),
      ({ capture, result, timeout, ...request }) => command("rpc", request, { data: result }, { capture, timeout })
    ),
    publication: step(
      "The next message must be a publication in the channel; count: this many",
      Schema.Struct({
        ...channel,
        data: Schema.optional(Schema.Unknown),
        count: Schema.optional(Schema.Int.pipe(Schema.positive())),
        ...answer
      }),
      ({ channel, data, ...own }) => [
        { expect: { json: { push: { channel, pub: { data } } }, answers: false, ...own } }
      ]
    )
  }
}
