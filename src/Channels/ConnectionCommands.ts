/** The commands about the connection itself: who the client is, and procedures. */
import * as Headers from "@effect/platform/Headers"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { UpgradeRequest } from "../WebSocket/Http/Endpoint.ts"
import type { ConnectRequest, Identity } from "./ChannelNode.ts"
import type { ClientSession, Later } from "./ClientSession.ts"
import { disconnects, errors, ReplyError } from "./Codes.ts"
import type { Given, Recovery } from "./Protocol.ts"
import * as Protocol from "./Protocol.ts"

/** Asks the hook who the client is. `request` is its WebSocket's, and `admitted` what `admit` made of that. */
export const connect = <R>(
  session: ClientSession<R>,
  id: number,
  given: Given<"connect">,
  request: UpgradeRequest,
  admitted: unknown
): Later<R> => {
  const { node } = session
  return session.hook(
    id,
    () => node.connect(new Connecting(session.client.id, given, request, admitted)),
    (identity) => connected(session, id, identity, given.subs ?? {}),
    (cause) => {
      session.refuse()
      session.failed(id, cause)
    }
  )
}

/**
 * What the hook gets. The headers are made on demand, because most hooks need only the token. It is a class because an object
 * with a getter takes 0.5 us to make.
 */
class Connecting implements ConnectRequest {
  readonly client: string
  readonly token: string
  readonly data: unknown
  readonly name: string
  readonly version: string
  readonly url: string
  readonly remoteAddress: string | undefined
  readonly admitted: unknown
  readonly #request: UpgradeRequest
  readonly #own: Given<"connect">["headers"]

  constructor(client: string, given: Given<"connect">, request: UpgradeRequest, admitted: unknown) {
    this.client = client
    this.token = given.token ?? ""
    this.data = given.data
    this.name = given.name ?? ""
    this.version = given.version ?? ""
    this.url = request.url
    this.remoteAddress = request.remoteAddress
    this.admitted = admitted
    this.#request = request
    this.#own = given.headers
  }

  get headers(): Headers.Headers {
    const { headers } = this.#request
    return this.#own ? Headers.setAll(headers, this.#own) : headers
  }
}

const connected = <R>(
  session: ClientSession<R>,
  id: number,
  identity: Identity,
  recovering: Readonly<Record<string, Recovery>>
): void => {
  const { node, subscriptions } = session
  const { hub, limits, now, ping, refresh } = node
  const { data, expiresAt, user } = identity
  const channels = identity.channels === undefined ? [] : [...new Set(identity.channels)]
  if (hub.of(user).size >= limits.connections && user !== "") return session.disconnect(disconnects.connectionLimit)
  if (channels.length > limits.channels) return session.disconnect(disconnects.channelLimit)
  if (expiresAt !== undefined && expiresAt <= now()) {
    session.refuse()
    return session.fail(id, errors.expired)
  }
  // Data that JSON can't hold throw here, while the client is nobody yet.
  const own = data === undefined ? "" : Protocol.fieldsOf({ data })
  session.accept(identity)
  const results: Array<string> = []
  let room = channels.length === 0 ? 0 : session.room
  for (const channel of channels) {
    const found = node.channelOf(channel)
    if (found === undefined) {
      node.unsafeReport(Cause.die(`connect subscribes to ${channel}, but no channel has that name`))
      return session.disconnect(disconnects.internal)
    }
    const { result } = subscriptions.enter(channel, found.channel, {}, true, recovering[channel], room)
    const text = `${JSON.stringify(channel)}:${result}`
    room -= Buffer.byteLength(text)
    results.push(text)
  }
  const expiry = refresh === undefined ? "" : Protocol.fieldsOf(Protocol.expiry(expiresAt, now()))
  const subs = results.length === 0 ? "" : `,"subs":{${results.join(",")}}`
  session.answer(id, "connect", `{${server(session)}${expiry}${own},"ping":${ping},"pong":true${subs}}`)
  for (const channel of channels) subscriptions.announce(channel, node.channelOf(channel)!.channel)
}

/** A new token. */
export const refresh = <R>(session: ClientSession<R>, id: number, given: Given<"refresh">): Later<R> => {
  const { node } = session
  const token = given.token ?? ""
  const hook = node.refresh
  if (hook === undefined) return session.fail(id, errors.notAvailable)
  if (token === "") return session.disconnect(disconnects.badRequest)
  const { client } = session
  // A client whose token has expired comes back with a new one after this close, and would not after an error.
  const refreshed = () =>
    Effect.catchIf(
      hook(token, client),
      (error) => error instanceof ReplyError && (error.code === 109 || error.code === 110),
      () => Effect.fail(disconnects.expired)
    )
  return session.hook(id, refreshed, (identity) => {
    const { expiresAt, user } = identity
    if (user !== client.user) return session.disconnect(disconnects.invalidToken)
    if (expiresAt !== undefined && expiresAt <= node.now()) return session.disconnect(disconnects.expired)
    session.renew(identity)
    session.answer(id, "refresh", `{${server(session)}${Protocol.fieldsOf(Protocol.expiry(expiresAt, node.now()))}}`)
  })
}

export const call = <R>(session: ClientSession<R>, id: number, { data, method }: Given<"rpc">): void => {
  const procedure = session.node.procedures.get(method ?? "")
  if (procedure === undefined) return session.fail(id, errors.methodNotFound)
  session.beside(
    id,
    () => procedure.call(data, session.client),
    (result) => session.answer(id, "rpc", JSON.stringify({ data: result ?? null }))
  )
}

/** Data without an answer. */
export const receive = <R>(session: ClientSession<R>, { data }: Given<"send">): void => {
  const hook = session.node.receive
  if (hook === undefined) return session.disconnect(disconnects.notAvailable)
  session.beside(
    0,
    () => hook(data, session.client),
    () => {}
  )
}

/** The fields of a server's answer. The id is a UUID. */
const server = <R>({ client }: ClientSession<R>): string => `"client":"${client.id}","version":"effect-c10k"`
