import * as Schema from "effect/Schema"
import { answer, type CheckedProtocol, step } from "../Protocol.ts"

/*
 * Socket.IO 3 and 4 (Engine.IO 4) over WebSockets. A message is a packet: its type, the namespace if it is not the main one, the
 * number of its acknowledgement, and JSON. https://socket.io/docs/v4/socket-io-protocol
 */

const Namespace = Schema.String.pipe(
  Schema.filter((name) => /^\/[^,{}]*$/.test(name), {
    message: () => "expected a namespace that begins with /, such as /admin"
  })
)

const Args = Schema.optionalWith(Schema.Array(Schema.Unknown), { default: () => [] })

/** The namespace as a packet has it. */
const place = (namespace = "/"): string => (namespace === "/" ? "" : `${namespace},`)

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")

const join = (namespace: string | undefined, auth: unknown) => [
  {
    send:
      auth === undefined
        ? { text: `40${place(namespace)}`, answered: false }
        : { prefix: `40${place(namespace)}`, json: auth, answered: false }
  },
  { expect: { pattern: `^40${escaped(place(namespace))}\\{`, answers: false as const } }
]

const Emit = Schema.Struct({
  event: Schema.String,
  args: Args,
  namespace: Schema.optional(Namespace),
  /** `true`: the server must acknowledge. A list: with these values. */
  ack: Schema.optional(Schema.Union(Schema.Literal(true), Schema.Array(Schema.Unknown))),
  ...answer
}).pipe(
  Schema.filter(({ ack, capture, timeout }) =>
    ack === undefined && (capture ?? timeout) !== undefined
      ? "capture and timeout are for the acknowledgement: add ack: true"
      : undefined
  )
)

const Event = Schema.Struct({
  event: Schema.String,
  /** Absent: any. */
  args: Schema.optional(Schema.Array(Schema.Unknown)),
  namespace: Schema.optional(Namespace),
  count: Schema.optional(Schema.Int.pipe(Schema.positive())),
  ...answer
})

const Options = Schema.Struct({ auth: Schema.optional(Schema.Unknown), namespace: Schema.optional(Namespace) })

export const socketIo: CheckedProtocol = {
  connect: { path: "/socket.io/", query: { EIO: "4", transport: "websocket" } },
  replies: { sent: { pattern: "^42(?:/[^,]*,)?(\\d+)\\[" }, received: { pattern: "^43(?:/[^,]*,)?(\\d+)\\[" } },
  on: [{ when: "2", send: "3" }],
  begin: step("Its options: auth, and the namespace in place of the main one", Options, ({ auth, namespace }) => [
    { expect: { pattern: "^0\\{", answers: false } },
    ...join(namespace, auth)
  ]),
  steps: {
    join: step(
      "Connect to another namespace",
      Schema.Struct({ namespace: Namespace, auth: Schema.optional(Schema.Unknown) }),
      ({ auth, namespace }) => join(namespace, auth)
    ),
    emit: step(
      "Emit an event; ack: true if the server must acknowledge it, or the values that the acknowledgement must have",
      Emit,
      ({ ack, args, event, namespace, ...own }, options) => {
        const at = place(namespace ?? namespaceOf(options))
        if (ack === undefined) return [{ send: { prefix: `42${at}`, json: [event, ...args], answered: false } }]
        const head = `43${escaped(at)}\\d+`
        return [
          { send: { prefix: `42${at}{{message}}`, json: [event, ...args] } },
          { expect: { prefix: head, ...(ack === true ? { any: true as const } : { json: ack }), ...own } }
        ]
      }
    ),
    event: step(
      "The next message must be this event; without args any values",
      Event,
      ({ args, event, namespace, ...own }, options) => {
        const prefix = `42${escaped(place(namespace ?? namespaceOf(options)))}(?=\\[${escaped(JSON.stringify(event))}[,\\]])`
        const what = args === undefined ? { any: true as const } : { json: [event, ...args] }
        return [{ expect: { prefix, ...what, answers: false, ...own } }]
      }
    )
  }
}

const namespaceOf = ({ namespace }: Readonly<Record<string, unknown>>): string | undefined =>
  typeof namespace === "string" ? namespace : undefined
