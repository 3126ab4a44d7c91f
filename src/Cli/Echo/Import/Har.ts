/** Converts the WebSocket of a HAR file, as browsers save it of what a page does, to a scenario. */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { parse } from "yaml"
import type { StepEncoded } from "../../../Echo/Scenario/Step.ts"
import { CloseCode } from "../../../WebSocket/Frames/CloseCode.ts"
import { subprotocolsOf, worthKeeping } from "../Record/Handshake.ts"
import { escapeJson, head, type RecordedHandshake, Recording } from "../Record/Recording.ts"
import type { Convert, Findings, ScenarioText } from "./Conversion.ts"

const Message = Schema.Struct({
  type: Schema.String,
  time: Schema.Number,
  opcode: Schema.Number,
  data: Schema.String
})

const Header = Schema.Struct({ name: Schema.String, value: Schema.String })

const Entry = Schema.Struct({
  request: Schema.Struct({ url: Schema.String, headers: Schema.Array(Header) }),
  _webSocketMessages: Schema.optional(Schema.Array(Message))
})

const Har = Schema.parseJson(Schema.Struct({ log: Schema.Struct({ entries: Schema.Array(Entry) }) }))

type Messages = ReadonlyArray<typeof Message.Type>

/** Milliseconds. Chromium writes seconds since 1970, others milliseconds or microseconds. */
const millisecondsOf = (time: number): number => (time > 1e14 ? time / 1000 : time > 1e11 ? time : time * 1000)

const TEXT = 1
const BINARY = 2

const stepsOf = (messages: Messages): string => {
  const times = messages.map(({ time }) => millisecondsOf(time))
  const recording = new Recording(times[0] ?? 0)
  const texts = messages.map(({ data, opcode, type }, index) =>
    recording.message(
      type === "send" ? "client" : "server",
      opcode === BINARY ? Buffer.from(data, "base64") : data,
      times[index] ?? 0
    )
  )
  return [...texts, recording.end("client", { code: CloseCode.Normal, reason: "" }, times.at(-1) ?? 0)].join("")
}

const decodeJson = Schema.decodeOption(Schema.parseJson())

/** A protocol that `echo` speaks itself, as a browser has spoken it. */
interface Spoken {
  readonly name: string
  readonly isSpoken: (opening: RecordedHandshake, messages: Messages) => boolean
  /** What the protocol does itself: connecting, whose answers differ from visit to visit, and heartbeats. */
  readonly isOwn: (message: Messages[number]) => boolean
  readonly optionsOf: (messages: Messages) => object
  readonly stepOf: (step: StepEncoded) => StepEncoded
}

/** The url of a server of Socket.IO, and the packet with which a client connects to the main namespace. */
const SOCKET_IO = /[?&]EIO=4(?:&|$)/
const CONNECT = /^40(\{.*)?$/s
/** Packets with the ids of a visit: of the connection, and of a namespace besides the main one. */
const OPENED = /^(?:0|40)\{/
const JOINED = /^(40\/[^,]+,)\{/

/** What a client sends with the packet that connects it: `none` for other messages, and `undefined` if it sends nothing. */
const authOf = ({ data, type }: Messages[number]): Option.Option<unknown> => {
  const [packet, auth] = (type === "send" ? CONNECT.exec(data) : undefined) ?? []
  if (packet === undefined) return Option.none()
  return auth === undefined ? Option.some(undefined) : decodeJson(auth)
}

const isConnect = (message: Messages[number]): boolean => Option.isSome(authOf(message))

const socketIo: Spoken = {
  name: "socket.io",
  isSpoken: ({ url }, messages) => SOCKET_IO.test(url) && messages.some(isConnect),
  isOwn: (message) =>
    message.type === "send"
      ? message.data === "3" || isConnect(message)
      : message.data === "2" || OPENED.test(message.data),
  optionsOf: (messages) => optional("auth", Option.getOrUndefined(Option.firstSomeOf(messages.map(authOf)))),
  stepOf: (step) => {
    const [, packet] = (typeof step.expect === "string" ? JOINED.exec(step.expect) : undefined) ?? []
    return packet === undefined ? step : { expect: { pattern: `^${packet}` } }
  }
}

const GraphqlMessage = Schema.Struct({ type: Schema.String, payload: Schema.optional(Schema.Unknown) })

const graphqlOf = ({ data }: Messages[number]) => Schema.decodeOption(Schema.parseJson(GraphqlMessage))(data)

const GRAPHQL_OWN = ["connection_init", "connection_ack", "ping", "pong"]

const graphqlWs: Spoken = {
  name: "graphql-ws",
  isSpoken: ({ subprotocols }) => subprotocols.includes("graphql-transport-ws"),
  isOwn: (message) => Option.exists(graphqlOf(message), ({ type }) => GRAPHQL_OWN.includes(type)),
  optionsOf: (messages) => {
    const first = Option.firstSomeOf(messages.map(graphqlOf))
    return optional("payload", Option.getOrUndefined(first)?.payload)
  },
  // The server does not answer the end of a subscription.
  stepOf: (step) => {
    const { send } = step
    const isEnd = typeof send === "object" && Predicate.hasProperty(send.json, "type") && send.json.type === "complete"
    return isEnd ? { send: { ...send, answered: false } } : step
  }
}

const optional = (name: string, value: unknown): object => (value === undefined ? {} : { [name]: escapeJson(value) })

/** The same scenario with the protocol in place of its messages. */
const speaking = (
  { isOwn, name, optionsOf, stepOf }: Spoken,
  opening: RecordedHandshake,
  messages: Messages
): object => {
  const { steps, ...others }: ScenarioText = parse(
    head(opening) + stepsOf(messages.filter((message) => !isOwn(message)))
  )
  const options = optionsOf(messages)
  const protocol = Object.keys(options).length === 0 ? name : { name, ...options }
  return { ...others, protocol, steps: steps.map(stepOf) }
}

/** The sockets that have messages, numbered in the order of the file. */
const socketsOf = ({ log }: typeof Har.Type) =>
  log.entries.flatMap(({ _webSocketMessages: all = [], request }) => {
    const messages = all.filter(
      ({ opcode, type }) => (type === "send" || type === "receive") && (opcode === TEXT || opcode === BINARY)
    )
    return messages.length === 0 ? [] : [{ request, messages, left: all.length - messages.length }]
  })

/** Converts the socket with this number, or the only one. On the left: why the file is none. */
export const convertHar = (text: string, findings: Findings, wanted: string | undefined): ReturnType<Convert> =>
  Either.mapBoth(Schema.decodeUnknownEither(Har)(text), {
    onLeft: () => ({
      line: 1,
      message:
        "it is not a HAR file: expected JSON with log.entries, as a browser's network panel saves it (Save all as HAR)"
    }),
    onRight: (har) => {
      const sockets = socketsOf(har)
      const [first] = sockets
      const chosen = wanted === undefined ? (sockets.length > 1 ? undefined : first) : sockets[Number(wanted) - 1]
      if (chosen === undefined) {
        const all = sockets.map(
          ({ messages, request }, index) =>
            `${index + 1} is ${request.url.split("?")[0]} with ${messages.length} messages`
        )
        return findings.refuse(
          1,
          first === undefined
            ? "no WebSocket of the file has messages: open the network panel before the page, and save when the page has talked to its server"
            : `the file has ${sockets.length} WebSocket${sockets.length === 1 ? "" : "s"}: choose one with --scenario NUMBER; ${all.join(", ")}`
        )
      }
      const { left, messages, request } = chosen
      if (left > 0) findings.note(1, `${left} entries that are no messages are left out`)
      const headers = Object.fromEntries(
        request.headers.flatMap(({ name, value }) => (name.startsWith(":") ? [] : [[name.toLowerCase(), value]]))
      )
      findings.note(
        1,
        "values that differ from visit to visit, such as tokens and times, are as they were recorded: replace them by templates or captures"
      )
      const opening = {
        from: request.url.split("?")[0] ?? "",
        name: "har",
        url: request.url,
        headers: worthKeeping(headers),
        subprotocols: subprotocolsOf(headers)
      }
      const spoken = [socketIo, graphqlWs].find(({ isSpoken }) => isSpoken(opening, messages))
      const scenario =
        spoken === undefined ? parse(head(opening) + stepsOf(messages)) : speaking(spoken, opening, messages)
      return { scenario, options: ["--clients", "10"] }
    }
  })
