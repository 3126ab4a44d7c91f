/** Converts the WebSocket of a HAR file, as browsers save it of what a page does, to a scenario. */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { parse } from "yaml"
import { CloseCode } from "../../../WebSocket/Frames/CloseCode.ts"
import { subprotocolsOf, worthKeeping } from "../Record/Handshake.ts"
import { escapeJson, head, type Opening, Recording } from "../Record/Recording.ts"
import type { Convert, Findings, ScenarioText, StepText } from "./Conversion.ts"

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

/** The steps of a conversation, as text. */
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

/** The url of a server of Socket.IO, and the packet with which a client connects to the main namespace. */
const SOCKET_IO = /[?&]EIO=4(?:&|$)/
const CONNECT = /^40(\{.*)?$/s
/** Packets with the ids of a visit: of the connection, and of a namespace besides the main one. */
const OPENED = /^(?:0|40)\{/
const JOINED = /^(40\/[^,]+,)\{/

const decodeJson = Schema.decodeOption(Schema.parseJson())

/** What a client sends with the packet that connects it: `none` for other messages, and `undefined` if it sends nothing. */
const authOf = ({ data, type }: Messages[number]): Option.Option<unknown> => {
  const [packet, auth] = (type === "send" ? CONNECT.exec(data) : undefined) ?? []
  if (packet === undefined) return Option.none()
  return auth === undefined ? Option.some(undefined) : decodeJson(auth)
}

const isConnect = (message: Messages[number]): boolean => Option.isSome(authOf(message))

/** What `protocol: socket.io` does itself: connecting, whose answers have ids that differ from visit to visit, and heartbeats. */
const isOfSocketIo = (message: Messages[number]): boolean =>
  message.type === "send"
    ? message.data === "3" || isConnect(message)
    : message.data === "2" || OPENED.test(message.data)

const joined = (step: StepText): StepText => {
  const [, packet] = (typeof step.expect === "string" ? JOINED.exec(step.expect) : undefined) ?? []
  return packet === undefined ? step : { expect: { pattern: `^${packet}` } }
}

/** The same scenario with the protocol in place of its packets. */
const withSocketIo = (opening: Opening, messages: Messages): object => {
  const auth = Option.getOrUndefined(Option.firstSomeOf(messages.map(authOf)))
  const { steps, ...others }: ScenarioText = parse(
    head(opening) + stepsOf(messages.filter((message) => !isOfSocketIo(message)))
  )
  const protocol = auth === undefined ? "socket.io" : { name: "socket.io", auth: escapeJson(auth) }
  return { ...others, protocol, steps: steps.map(joined) }
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
      const isSocketIo = SOCKET_IO.test(request.url) && messages.some(isConnect)
      const scenario = isSocketIo ? withSocketIo(opening, messages) : parse(head(opening) + stepsOf(messages))
      return { scenario, options: ["--clients", "10"] }
    }
  })
