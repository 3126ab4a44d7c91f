import * as Schema from "effect/Schema"
import { answer, type CheckedProtocol, step } from "../Protocol.ts"

const operation = {
  query: Schema.String,
  variables: Schema.optional(Schema.Unknown),
  operationName: Schema.optional(Schema.String)
}

/** The id of an operation is the number of its message, which no other message of the client has. */
const subscribe = (payload: object) => ({ send: { json: { id: "{{message}}", type: "subscribe", payload } } })

const next = (data: unknown, of: object) => ({ json: { ...of, type: "next", payload: { data } } })

const Query = Schema.Struct({
  ...operation,
  /** What the data must have. */
  data: Schema.optional(Schema.Unknown),
  /** `true`: the server must answer with errors. */
  errors: Schema.optional(Schema.Literal(true)),
  ...answer
})

export const graphqlWs: CheckedProtocol = {
  connect: { subprotocols: ["graphql-transport-ws"] },
  replies: { key: "$.id" },
  on: [{ when: { json: { type: "ping" } }, send: { json: { type: "pong" } } }],
  begin: step(
    "Its option: the payload of connection_init",
    Schema.Struct({ payload: Schema.optional(Schema.Unknown) }),
    ({ payload }) => [
      { send: { json: { type: "connection_init", payload }, answered: false } },
      { expect: { json: { type: "connection_ack" }, answers: false } }
    ]
  ),
  steps: {
    query: step(
      "A query or mutation, its result with at least this data, and its end; errors: true if the server must refuse it",
      Query,
      ({ capture, data, errors, timeout, ...query }) => {
        const own = { capture, timeout }
        const of = { id: "{{query}}" }
        const request = [subscribe(query), { set: { query: "{{message}}" } }]
        if (errors === true) return [...request, { expect: { json: { ...of, type: "error" }, ...own } }]
        return [
          ...request,
          { expect: { ...next(data, of), ...own } },
          { expect: { json: { ...of, type: "complete" } } }
        ]
      }
    ),
    subscribe: step("Begin a subscription", Schema.Struct(operation), (query) => [
      subscribe(query),
      { set: { subscription: "{{message}}" } }
    ]),
    next: step(
      "Results of a subscription",
      Schema.Struct({
        data: Schema.optional(Schema.Unknown),
        count: Schema.optional(Schema.Int.pipe(Schema.positive())),
        ...answer
      }),
      ({ data, ...own }) => [{ expect: { ...next(data, {}), answers: false, ...own } }]
    ),
    completed: step("The server must end the subscription", Schema.Literal(true), () => [
      { expect: { json: { type: "complete" }, answers: false } }
    ]),
    unsubscribe: step("End the last subscription", Schema.Literal(true), () => [
      { send: { json: { id: "{{subscription}}", type: "complete" }, answered: false } }
    ])
  }
}
