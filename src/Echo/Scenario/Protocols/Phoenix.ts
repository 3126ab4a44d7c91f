import * as Schema from "effect/Schema"
import { answer, type CheckedProtocol, step } from "../Protocol.ts"

/*
 * Phoenix channels with the serializer of version 2: a message is [join_ref, ref, topic, event, payload]. The reference of a join is
 * in all messages of its topic. A server that closes a channel, also after a `phx_leave`, says so by `phx_close`.
 */

const topic = { topic: Schema.String, payload: Schema.optionalWith(Schema.Unknown, { default: () => ({}) }) }
const reply = {
  /** The status of the reply. */
  status: Schema.optionalWith(Schema.Literal("ok", "error"), { default: () => "ok" as const }),
  /** What the response must have. */
  response: Schema.optionalWith(Schema.Unknown, { default: () => ({}) }),
  ...answer
}

/** The variable with the reference of the last join of a topic. The topic may be a template. */
const joinOf = (name: string): string =>
  `join-${name.replaceAll(/[^A-Za-z0-9_]/g, (character) => `-${character.codePointAt(0)?.toString(16)}-`)}`

const expectReply = (name: string, status: string, response: unknown, own: object) => ({
  expect: { json: [`{{${joinOf(name)}}}`, "{{ref}}", name, "phx_reply", { status, response }], ...own }
})

const event = (reference: string | null, name: string, topic: string, payload: unknown, own: object) => [
  { expect: { json: [reference, null, topic, name, payload], answers: false as const, ...own } }
]

const HEARTBEAT = "heartbeat"

export const phoenix: CheckedProtocol = {
  connect: { path: "/socket/websocket", query: { vsn: "2.0.0" } },
  replies: { key: "$[1]" },
  every: { "30s": { json: [null, HEARTBEAT, "phoenix", "heartbeat", {}] } },
  on: [
    { when: { json: [null, HEARTBEAT, "phoenix", "phx_reply", {}] } },
    { when: { pattern: '^\\[(?:"[^"]*"|null),(?:"[^"]*"|null),"(?:[^"\\\\]|\\\\.)*","phx_close",' } }
  ],
  steps: {
    join: step(
      "Join a topic, and take the reply; status: error if the server must refuse",
      Schema.Struct({ ...topic, ...reply }),
      ({ payload, response, status, topic: name, ...own }) => [
        { send: { json: ["{{message}}", "{{message}}", name, "phx_join", payload] } },
        { set: { [joinOf(name)]: "{{message}}", ref: "{{message}}" } },
        expectReply(name, status, response, own)
      ]
    ),
    push: step(
      "Send an event to a topic, and take the reply; noReply: true if it gets none",
      Schema.Struct({ ...topic, event: Schema.String, ...reply, noReply: Schema.optional(Schema.Literal(true)) }),
      ({ event, noReply, payload, response, status, topic: name, ...own }) => {
        const json = [`{{${joinOf(name)}}}`, "{{message}}", name, event, payload]
        if (noReply === true) return [{ send: { json, answered: false } }]
        return [{ send: { json } }, { set: { ref: "{{message}}" } }, expectReply(name, status, response, own)]
      }
    ),
    broadcast: step(
      "The next message must be this event, for everybody in the topic",
      Schema.Struct({ ...topic, event: Schema.String, ...answer }),
      ({ event: name, payload, topic: of, ...own }) => event(null, name, of, payload, own)
    ),
    pushed: step(
      "The next message must be this event, for this client",
      Schema.Struct({ ...topic, event: Schema.String, ...answer }),
      ({ event: name, payload, topic: of, ...own }) => event(`{{${joinOf(of)}}}`, name, of, payload, own)
    ),
    leave: step("Leave a topic, and take the reply", Schema.Struct({ topic: Schema.String }), ({ topic: name }) => [
      { send: { json: [`{{${joinOf(name)}}}`, "{{message}}", name, "phx_leave", {}] } },
      { set: { ref: "{{message}}" } },
      expectReply(name, "ok", {}, {})
    ])
  }
}
