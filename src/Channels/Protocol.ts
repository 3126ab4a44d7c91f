/**
 * Centrifugo's client protocol, version 2, as JSON: commands of a client; replies and pushes of a server. Several of them
 * in one message are separated by line ends.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"

/** The most characters of a channel's name. */
export const MAX_NAME = 255

/** A value that may be absent; clients may write `null` for it. */
const maybe = <A, I>(schema: Schema.Schema<A, I>) => Schema.optional(Schema.NullishOr(schema))
const Text = maybe(Schema.String)
const Flag = maybe(Schema.Boolean)
const Offset = maybe(Schema.Int.pipe(Schema.nonNegative()))
const Data = Schema.optional(Schema.Unknown)

/** From where a client wants to go on. */
const Recovery = { recover: Flag, epoch: Text, offset: Offset }

/** What a client may send. Exactly one of the methods is there, or none in a pong. */
const Command = Schema.Struct({
  id: maybe(Schema.Int.pipe(Schema.between(0, 0xffffffff))),
  connect: maybe(
    Schema.Struct({
      token: Text,
      data: Data,
      name: Text,
      version: Text,
      headers: maybe(Schema.Record({ key: Schema.String, value: Schema.String })),
      subs: maybe(Schema.Record({ key: Schema.String, value: Schema.Struct(Recovery) }))
    })
  ),
  subscribe: maybe(Schema.Struct({ channel: Text, token: Text, data: Data, flag: maybe(Schema.Int), ...Recovery })),
  unsubscribe: maybe(Schema.Struct({ channel: Text })),
  publish: maybe(Schema.Struct({ channel: Text, data: Data })),
  presence: maybe(Schema.Struct({ channel: Text })),
  presence_stats: maybe(Schema.Struct({ channel: Text })),
  history: maybe(
    Schema.Struct({
      channel: Text,
      limit: maybe(Schema.Int),
      since: maybe(Schema.Struct({ offset: Offset, epoch: Text })),
      reverse: Flag
    })
  ),
  ping: maybe(Schema.Struct({})),
  send: maybe(Schema.Struct({ data: Data })),
  rpc: maybe(Schema.Struct({ method: Text, data: Data })),
  refresh: maybe(Schema.Struct({ token: Text })),
  sub_refresh: maybe(Schema.Struct({ channel: Text, token: Text }))
})
export type Command = typeof Command.Type

const decodeCommand = Schema.decodeUnknownEither(Command)

/** The commands of a message, up to the first that is none; `isWhole` says whether all are commands. */
export const decodeCommands = (
  text: string
): { readonly commands: ReadonlyArray<Command>; readonly isWhole: boolean } => {
  const commands: Array<Command> = []
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue
    const command = Either.flatMap(parse(line), decodeCommand)
    if (Either.isLeft(command)) return { commands, isWhole: false }
    commands.push(command.right)
  }
  return { commands, isWhole: commands.length > 0 }
}

/** The most levels of JSON. `JSON.parse` takes any number of them; what encodes and checks data does not. */
const MAX_DEPTH = 512

const parse = (line: string): Either.Either<unknown, unknown> =>
  Either.filterOrLeft(
    Either.try((): unknown => JSON.parse(line)),
    // Each level has two characters.
    (value) => line.length <= 2 * MAX_DEPTH || !isDeep(value),
    () => `more than ${MAX_DEPTH} levels`
  )

const isDeep = (value: unknown): boolean => {
  let level: ReadonlyArray<unknown> = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []))
  }
  return false
}

/** Who published, joined or left. `conn_info` belongs to the connection, `chan_info` to the subscription. */
export interface ClientInfo {
  readonly user: string
  readonly client: string
  readonly conn_info?: unknown
  readonly chan_info?: unknown
}

/** What a connection gets of a channel when it is subscribed. */
export interface SubscribeResult {
  readonly recoverable?: boolean
  readonly positioned?: boolean
  readonly epoch?: string
  readonly offset?: number
  /** The missed publications, as JSON. */
  readonly publications?: ReadonlyArray<string>
  readonly recovered?: boolean
  readonly was_recovering?: boolean
  readonly expires?: boolean
  readonly ttl?: number
  readonly data?: unknown
}

/**
 * When a connection or a subscription expires, for the client, which refreshes its token before. Both times are in
 * milliseconds. No time to live is below a second: clients would ask again at once.
 */
export const expiry = (at: number | undefined, now: number): { readonly expires?: boolean; readonly ttl?: number } =>
  at === undefined ? {} : { expires: true, ttl: Math.max(1, Math.ceil((at - now) / 1000)) }

/** The server's ping, and the client's pong. */
export const PING = "{}"

/** The fields of a publication without its offset, as they are kept. `undefined` values are left out. */
export const publicationFields = (
  data: unknown,
  info: ClientInfo | undefined,
  tags: Readonly<Record<string, string>> | undefined
): string => JSON.stringify({ data: data ?? null, info, tags }).slice(1, -1)

/** A publication. `epoch` is given where a client can't know it yet. */
export const publication = (fields: string, offset: number | undefined, epoch?: string): string =>
  offset === undefined
    ? `{${fields}}`
    : `{${fields},"offset":${offset}${epoch === undefined ? "" : `,"epoch":${JSON.stringify(epoch)}`}}`

/** How many of these texts, from the first on, have at most so many bytes together. */
export const fitting = (texts: ReadonlyArray<string>, bytes: number): number => {
  let left = bytes
  const first = texts.findIndex((text) => {
    left -= Buffer.byteLength(text) + 1
    return left < 0
  })
  return first < 0 ? texts.length : first
}

/** A reply with the result of a method, which is JSON. */
export const reply = (id: number, method: string, result: string): string => `{"id":${id},"${method}":${result}}`

export const errorReply = (id: number, error: { code: number; message: string; temporary: boolean }): string =>
  JSON.stringify({
    id,
    error: { code: error.code, message: error.message, ...(error.temporary ? { temporary: true } : {}) }
  })

/** A push to the subscribers of a channel. `event` is JSON. */
export const push = (
  channel: string,
  kind: "pub" | "join" | "leave" | "unsubscribe" | "subscribe",
  event: string
): string => `{"push":{"channel":${JSON.stringify(channel)},"${kind}":${event}}}`

/** A push to a connection. */
export const message = (data: unknown): string => JSON.stringify({ push: { message: { data: data ?? null } } })

export const subscribeResult = ({ publications, ...result }: SubscribeResult): string => {
  const json = JSON.stringify(result)
  if (publications === undefined || publications.length === 0) return json
  return `${json.slice(0, -1)}${json === "{}" ? "" : ","}"publications":[${publications.join(",")}]}`
}

export const withoutUndefined = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
