/** The commands about a channel. Each answers at once, or returns the hook that must be run first. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { PublishError } from "../WebSocket/Topic/PendingPublications.ts"
import type { Channel, Maybe, Subscription } from "./Channel.ts"
import type { ClientSession, Later } from "./ClientSession.ts"
import { disconnects, errors } from "./Codes.ts"
import { infoOf } from "./Hub.ts"
import type { Given } from "./Protocol.ts"
import * as Protocol from "./Protocol.ts"
import { positionOf } from "./Subscriptions.ts"

/** The flag of `subscribe` that asks for error 112 in place of a subscription that did not recover. */
const REJECT_UNRECOVERED = 2

export const subscribe = <R>(
  session: ClientSession<R>,
  id: number,
  { channel: name, data, flag, tf, token, type, ...recovery }: Given<"subscribe">
): Later<R> => {
  const { node, subscriptions } = session
  if (!name) return session.disconnect(disconnects.badRequest)
  if (name.length > Protocol.MAX_NAME) return session.fail(id, errors.badRequest)
  if (subscriptions.has(name)) return session.fail(id, errors.alreadySubscribed)
  // Without the filter it would get what it does not expect, and maps and polls are not streams.
  if ((tf ?? null) !== null || (type ?? 0) !== 0) return session.fail(id, errors.notAvailable)
  if (subscriptions.size >= node.limits.channels) return session.fail(id, errors.limitExceeded)
  const found = node.channelOf(name)
  if (found === undefined) return session.fail(id, errors.unknownChannel)
  const { channel } = found
  const since = channel.history === undefined ? undefined : positionOf(recovery)
  const subscribed = (granted: Maybe<Subscription>): void => {
    // A server's subscription may have come in the meantime.
    if (subscriptions.has(name)) return session.fail(id, errors.alreadySubscribed)
    const subscription = granted ?? {}
    const { expiresAt } = subscription
    if (expiresAt !== undefined && expiresAt <= node.now()) return session.fail(id, errors.expired)
    const room = since === undefined ? 0 : session.room
    const { isUnrecovered, result } = subscriptions.enter(name, channel, subscription, false, recovery, room)
    if (isUnrecovered && ((flag ?? 0) & REJECT_UNRECOVERED) > 0) {
      subscriptions.leave(name)
      return session.fail(id, errors.unrecoverablePosition)
    }
    session.answer(id, "subscribe", result)
    subscriptions.announce(name, channel)
  }
  const isAhead = since !== undefined && node.log.unsafeIsAhead(name, since)
  if (channel.subscribe === undefined && !isAhead) return subscribed(undefined)
  const request = { channel: name, name: found.name, client: session.client, token: token ?? undefined, data }
  const granted = () => channel.subscribe?.(request) ?? Effect.void
  return session.hook(id, isAhead ? () => Effect.zipLeft(granted(), node.log.current) : granted, subscribed)
}

export const unsubscribe = <R>(session: ClientSession<R>, id: number, { channel }: Given<"unsubscribe">): void => {
  if (!channel) return session.disconnect(disconnects.badRequest)
  session.subscriptions.leave(channel)
  session.answer(id, "unsubscribe", "{}")
}

/** A new subscription token. */
export const refresh = <R>(
  session: ClientSession<R>,
  id: number,
  { channel: name, token }: Given<"sub_refresh">
): Later<R> => {
  const { node, subscriptions } = session
  if (!name) return session.disconnect(disconnects.badRequest)
  const found = node.channelOf(name)
  if (found === undefined || !subscriptions.has(name)) return session.fail(id, errors.permissionDenied)
  const hook = found.channel.refresh
  if (hook === undefined) return session.fail(id, errors.notAvailable)
  if (!token) return session.fail(id, errors.badRequest)
  const request = { channel: name, name: found.name, client: session.client, token, data: undefined }
  return session.hook(
    id,
    () => hook(request),
    (granted) => {
      const now = node.now()
      const { expiresAt } = granted ?? {}
      if (expiresAt !== undefined && expiresAt <= now) return session.fail(id, errors.expired)
      subscriptions.renew(name, granted ?? {})
      session.answer(id, "sub_refresh", JSON.stringify(Protocol.expiry(expiresAt, now)))
    }
  )
}

export const publish = <R>(
  session: ClientSession<R>,
  id: number,
  { channel: name, data }: Given<"publish">
): Later<R> => {
  const { node, subscriptions } = session
  if (!name || data === undefined) return session.disconnect(disconnects.badRequest)
  const found = node.channelOf(name)
  if (found === undefined) return session.fail(id, errors.unknownChannel)
  const { channel } = found
  if (channel.whoPublishes === "nobody" || (channel.whoPublishes === "subscribers" && !subscriptions.has(name)))
    return session.fail(id, errors.permissionDenied)
  if (channel.rate !== undefined && !subscriptions.mayPublish(name, channel.rate))
    return session.fail(id, errors.tooManyRequests)
  if (channel.whoPublishes === "hook") {
    const request = { channel: name, name: found.name, client: session.client, data }
    return session.hook(
      id,
      () => channel.publish(request),
      (result) => store(session, id, name, result)
    )
  }
  const checked = channel.decode(data)
  if (Either.isLeft(checked)) return session.fail(id, checked.left)
  store(session, id, name, checked.right)
}

const store = <R>(session: ClientSession<R>, id: number, name: string, data: unknown) => {
  const { node, subscriptions } = session
  const fields = Protocol.publicationFields(data, subscriptions.infoIn(name), undefined)
  if (Buffer.byteLength(fields) > node.limits.publication) return session.fail(id, errors.limitExceeded)
  node.log.unsafePublish(name, fields, undefined, (result) =>
    result instanceof PublishError ? session.fail(id, result) : session.answer(id, "publish", "{}")
  )
}

export const presence = <R>(session: ClientSession<R>, id: number, { channel }: Given<"presence">): Later<R> =>
  read(session, id, channel, hasPresence, (name) => {
    const presence: Record<string, Protocol.ClientInfo> = Object.create(null)
    for (const member of session.node.log.unsafeMembers(name)) presence[member.id] = infoOf(member)
    session.answer(id, "presence", JSON.stringify({ presence }))
  })

export const presenceStats = <R>(
  session: ClientSession<R>,
  id: number,
  { channel }: Given<"presence_stats">
): Later<R> =>
  read(session, id, channel, hasPresence, (name) => {
    const { members, users } = session.node.log.unsafeCount(name)
    session.answer(id, "presence_stats", `{"num_clients":${members},"num_users":${users}}`)
  })

export const history = <R>(
  session: ClientSession<R>,
  id: number,
  { channel, limit, reverse, since }: Given<"history">
): Later<R> => {
  const { limits, log } = session.node
  // Without a limit a client gets the position alone.
  const most = limit === undefined || limit === null ? 0 : limit < 0 ? limits.history : Math.min(limit, limits.history)
  const range = {
    limit: most,
    reverse: reverse === true,
    ...(since ? { since: { epoch: since.epoch ?? "", offset: since.offset ?? 0 } } : {})
  }
  return read(session, id, channel, hasHistory, (name) => {
    const found = log.unsafeRange(name, range)
    if (found._tag === "Gap") return session.fail(id, errors.unrecoverablePosition)
    const publications = found.publications.map(({ message, offset }) => Protocol.publication(String(message), offset))
    // More would close the client, which would come back and ask again.
    const count = Protocol.fitting(publications, session.room)
    if (count === 0 && publications.length > 0) return session.fail(id, errors.limitExceeded)
    const { epoch, offset } = log.unsafePosition(name)
    const position = `"epoch":${JSON.stringify(epoch)},"offset":${offset}`
    session.answer(id, "history", `{"publications":[${publications.slice(0, count).join(",")}],${position}}`)
  })
}

const hasPresence = ({ presence }: Pick<Channel, "presence">): boolean => presence
const hasHistory = ({ history }: Pick<Channel, "history">): boolean => history !== undefined

/** Answers what only readers of a channel may know. */
const read = <R>(
  session: ClientSession<R>,
  id: number,
  name: string | null | undefined,
  isAvailable: (channel: Pick<Channel, "presence" | "history">) => boolean,
  answer: (name: string) => void
): Later<R> => {
  const { node, subscriptions } = session
  if (!name) return session.disconnect(disconnects.badRequest)
  const found = node.channelOf(name)
  if (found === undefined) return session.fail(id, errors.unknownChannel)
  const { channel } = found
  const permitted = () => (isAvailable(channel) ? answer(name) : session.fail(id, errors.notAvailable))
  if (subscriptions.has(name) || channel.read === true) return permitted()
  const hook = channel.read
  if (hook === undefined) return session.fail(id, errors.permissionDenied)
  return session.hook(id, () => hook({ channel: name, name: found.name, client: session.client }), permitted)
}
