/** The commands about the connection itself: who the client is, and procedures. */
import * as Headers from "@effect/platform/Headers"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { UpgradeRequest } from "../WebSocket/Http/Endpoint.ts"
import type { Identity } from "./ChannelNode.ts"
import type { ClientSession } from "./ClientSession.ts"
import { disconnects, errors, ReplyError } from "./Codes.ts"
import type { Later } from "./CommandRunner.ts"
import * as Protocol from "./Protocol.ts"
import type { Recovery } from "./Subscriptions.ts"

type Given<Method extends keyof Protocol.Command> = NonNullable<Protocol.Command[Method]>

/** Asks the hook who the client is. `request` is its WebSocket's, and `admitted` what `admit` made of that. */
export const connect = <R>(
  session: ClientSession<R>,
  id: number,
  given: Given<"connect">,
  { headers, remoteAddress, url }: UpgradeRequest,
  admitted: unknown
): Later<R> => {
  const { node, runner } = session
  const asked = node.connect({
    client: session.client.id,
    token: given.token ?? "",
    data: given.data,
    name: given.name ?? "",
    version: given.version ?? "",
    headers: given.headers ? Headers.setAll(headers, given.headers) : headers,
    url,
    remoteAddress,
    admitted
  })
  return Effect.matchCause(asked, {
    onFailure: (cause) => {
      if (session.isClosed) return
      session.refuse()
      runner.failed(id, cause)
    },
    onSuccess: (identity) => {
      if (!session.isClosed) connected(session, id, identity, given.subs ?? {})
    }
  })
}

const connected = <R>(
  session: ClientSession<R>,
  id: number,
  identity: Identity,
  recovering: Readonly<Record<string, Recovery>>
): void => {
  const { node, replies, subscriptions } = session
  const { hub, limits, now, ping, refresh } = node
  const { data, expiresAt, user } = identity
  const channels = identity.channels ?? []
  if (hub.of(user).size >= limits.connections && user !== "") return session.disconnect(disconnects.connectionLimit)
  if (channels.length > limits.channels) return session.disconnect(disconnects.channelLimit)
  if (expiresAt !== undefined && expiresAt <= now()) {
    session.refuse()
    return replies.fail(id, errors.expired)
  }
  session.accept(identity)
  const results: Array<string> = []
  let { room } = replies
  for (const channel of new Set(channels)) {
    const found = node.channelOf(channel)
    if (found === undefined) {
      node.unsafeReport(Cause.die(`connect subscribes to ${channel}, but no channel has that name`))
      return session.disconnect(disconnects.internal)
    }
    const result = subscriptions.enter(channel, found.channel, {}, true, recovering[channel], room)
    const text = `${JSON.stringify(channel)}:${Protocol.subscribeResult(result)}`
    room -= Buffer.byteLength(text)
    results.push(text)
  }
  const result = JSON.stringify({
    ...server(session),
    ...(refresh === undefined ? {} : Protocol.expiry(expiresAt, now())),
    ...(data === undefined ? {} : { data }),
    ping,
    pong: true
  })
  const subs = results.length === 0 ? "" : `,"subs":{${results.join(",")}}`
  replies.answer(id, "connect", `${result.slice(0, -1)}${subs}}`)
  for (const channel of new Set(channels)) subscriptions.announce(channel, node.channelOf(channel)!.channel)
}

/** A new token. */
export const refresh = <R>(session: ClientSession<R>, id: number, given: Given<"refresh">): Later<R> => {
  const { node, replies, runner } = session
  const token = given.token ?? ""
  const hook = node.refresh
  if (hook === undefined) return replies.fail(id, errors.notAvailable)
  if (token === "") return session.disconnect(disconnects.badRequest)
  const { client } = session
  // A client whose token has expired comes back with a new one after this close, and would not after an error.
  const refreshed = Effect.catchIf(
    Effect.suspend(() => hook(token, client)),
    (error) => error instanceof ReplyError && (error.code === 109 || error.code === 110),
    () => Effect.fail(disconnects.expired)
  )
  return runner.hook(id, refreshed, (identity) => {
    const { expiresAt, user } = identity
    if (user !== client.user) return session.disconnect(disconnects.invalidToken)
    if (expiresAt !== undefined && expiresAt <= node.now()) return session.disconnect(disconnects.expired)
    session.renew(identity)
    replies.answer(id, "refresh", JSON.stringify({ ...server(session), ...Protocol.expiry(expiresAt, node.now()) }))
  })
}

export const call = <R>(session: ClientSession<R>, id: number, { data, method }: Given<"rpc">): void => {
  const procedure = session.node.procedures.get(method ?? "")
  if (procedure === undefined) return session.replies.fail(id, errors.methodNotFound)
  session.runner.beside(id, procedure.call(data, session.client), (result) =>
    session.replies.answer(id, "rpc", JSON.stringify({ data: result ?? null }))
  )
}

/** Data without an answer. */
export const receive = <R>(session: ClientSession<R>, { data }: Given<"send">): void => {
  const hook = session.node.receive
  if (hook === undefined) return session.disconnect(disconnects.notAvailable)
  session.runner.beside(0, hook(data, session.client), () => {})
}

const server = <R>({ client }: ClientSession<R>) => ({ client: client.id, version: "effect-c10k" })
