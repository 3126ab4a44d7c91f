/**
 * Centrifugo's client protocol, version 2, as JSON: commands of a client; replies and pushes of a server. Several of them
 * in one message are separated by line ends.
 */
import * as Predicate from "effect/Predicate"

export const MAX_NAME = 255

type Check<A> = (value: unknown) => value is A

const isAny = (_: unknown): _ is unknown => true
const isText = (value: unknown): value is string => typeof value === "string"
const isFlag = (value: unknown): value is boolean => typeof value === "boolean"
const isInt = (value: unknown): value is number => Number.isSafeInteger(value)
const isCount = (value: unknown): value is number => isInt(value) && value >= 0
const isId = (value: unknown): value is number => isCount(value) && value <= 0xffffffff
/** An object with these fields. Each may be absent, or `null`, which clients write for it. There may be others. */
const hasFields = <F extends Readonly<Record<string, Check<unknown>>>>(fields: F) => {
  type Fields = { readonly [K in keyof F]?: (F[K] extends Check<infer A> ? A : never) | null | undefined }
  const checks = new Map(Object.entries(fields))
  return (value: unknown): value is Fields => {
    if (!Predicate.isRecord(value)) return false
    // Only those that are there: most are absent in most commands.
    for (const name of Object.keys(value)) {
      const field = value[name]
      if (field !== undefined && field !== null && checks.get(name)?.(field) === false) return false
    }
    return true
  }
}

const isRecordOf =
  <A>(check: Check<A>) =>
  (value: unknown): value is Readonly<Record<string, A>> =>
    Predicate.isRecord(value) && Object.values(value).every(check)

/** From where a client wants to go on. */
const recovery = { recover: isFlag, epoch: isText, offset: isCount }
const isRecovery = hasFields(recovery)
export type Recovery = typeof isRecovery extends Check<infer A> ? A : never

/**
 * What a client may send. Exactly one of the methods is there, or none in a pong. Checked by hand: a schema takes twice
 * as long, and each client that connects pays for two commands.
 */
const isCommand = hasFields({
  id: isId,
  connect: hasFields({
    token: isText,
    data: isAny,
    name: isText,
    version: isText,
    headers: isRecordOf(isText),
    subs: isRecordOf(isRecovery)
  }),
  // `tf` is a filter of tags, and `type` another kind of subscription than to a stream: see `ChannelCommands.subscribe`.
  subscribe: hasFields({
    channel: isText,
    token: isText,
    data: isAny,
    flag: isInt,
    tf: isAny,
    type: isInt,
    ...recovery
  }),
  unsubscribe: hasFields({ channel: isText }),
  publish: hasFields({ channel: isText, data: isAny }),
  presence: hasFields({ channel: isText }),
  presence_stats: hasFields({ channel: isText }),
  history: hasFields({
    channel: isText,
    limit: isInt,
    since: hasFields({ offset: isCount, epoch: isText }),
    reverse: isFlag
  }),
  ping: hasFields({}),
  send: hasFields({ data: isAny }),
  rpc: hasFields({ method: isText, data: isAny }),
  refresh: hasFields({ token: isText }),
  sub_refresh: hasFields({ channel: isText, token: isText })
})
export type Command = typeof isCommand extends Check<infer A> ? A : never

/** What a command of a method has. */
export type Given<Method extends keyof Command> = NonNullable<Command[Method]>

/** The commands of a message, up to the first that is none; `isWhole` says whether all are commands. */
export const decodeCommands = (
  text: string
): { readonly commands: ReadonlyArray<Command>; readonly isWhole: boolean } => {
  const commands: Array<Command> = []
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue
    const command = parse(line)
    if (!isCommand(command)) return { commands, isWhole: false }
    commands.push(command)
  }
  return { commands, isWhole: commands.length > 0 }
}

/** The most levels of JSON. `JSON.parse` takes any number of them; what encodes and checks data does not. */
const MAX_DEPTH = 512

const parse = (line: string): unknown => {
  try {
    const value: unknown = JSON.parse(line)
    // Each level has two characters.
    return line.length > 2 * MAX_DEPTH && isDeep(value) ? undefined : value
  } catch {
    return undefined
  }
}

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

/**
 * What a connection gets of a channel that keeps publications, when it is subscribed. `own` are further fields, each after
 * a comma. An epoch has no character that JSON must escape.
 */
export const subscribeResult = (at: { readonly epoch: string; readonly offset: number }, own: string): string =>
  `{"recoverable":true,"positioned":true,"epoch":"${at.epoch}","offset":${at.offset}${own}}`

/** Fields as JSON, each after a comma. */
export const fieldsOf = (fields: object): string => {
  const text = JSON.stringify(fields)
  return text === "{}" ? "" : `,${text.slice(1, -1)}`
}

export const withoutUndefined = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
