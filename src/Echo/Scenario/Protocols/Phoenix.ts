import * as Schema from "effect/Schema"
import { type Protocol, step } from "../Protocol.ts"
import { answer } from "./JsonRpc.ts"

/*
 * Phoenix channels with the serializer of version 2: a message is [join_ref, ref, topic, event, payload].
 */

const topic = { topic: Schema.String, payload: Schema.optionalWith(Schema.Unknown, { default: () => ({}) }) }
const reply = {
  /** The status of the reply. */
  status: Schema.optionalWith(Schema.Literal("ok", "error"), { default: () => "ok" as const }),
  /** What the response must have. */
  response: Schema.optionalWith(Schema.Unknown, { default: () => ({}) }),
  ...answer
}

const expectReply = (name: string, status: string, response: unknown, own: object) => ({
  expect: { json: ["{{join_ref}}", "{{ref}}", name, "phx_reply", { status, response }], ...own }
})

const HEARTBEAT = "heartbeat"

export const phoenix: Protocol = {
  connect: { path: "/socket/websocket", query: { vsn: "2.0.0" } },
  replies: { key: "$[1]" },
  every: { "30s": { json: [null, HEARTBEAT, "phoenix", "heartbeat", {}] } },
  on: [{ when: { json: [null, HEARTBEAT, "phoenix", "phx_reply", {}] } }],
  steps: {
    join: step(Schema.Struct({ ...topic, ...reply }), ({ payload, response, status, topic: name, ...own }) => [
      { send: { json: ["{{message}}", "{{message}}", name, "phx_join", payload] } },
      { set: { join_ref: "{{message}}", ref: "{{message}}" } },
      expectReply(name, status, response, own)
    ]),
    push: step(
      Schema.Struct({ ...topic, event: Schema.String, ...reply, noReply: Schema.optional(Schema.Literal(true)) }),
      ({ event, noReply, payload, response, status, topic: name, ...own }) => {
        const json = ["{{join_ref}}", "{{message}}", name, event, payload]
        if (noReply === true) return [{ send: { json, answered: false } }]
        return [{ send: { json } }, { set: { ref: "{{message}}" } }, expectReply(name, status, response, own)]
      }
    ),
    broadcast: step(
      Schema.Struct({ ...topic, event: Schema.String, ...answer }),
      ({ event, payload, topic: name, ...own }) => [
        { expect: { json: [null, null, name, event, payload], answers: false, ...own } }
      ]
    ),
    leave: step(Schema.Struct({ topic: Schema.String }), ({ topic: name }) => [
      { send: { json: ["{{join_ref}}", "{{message}}", name, "phx_leave", {}] } },
      { set: { ref: "{{message}}" } },
      expectReply(name, "ok", {}, {})
    ])
  }
}
