/** The clients of this process, by channel and by user. It makes a publication's frame once for all subscribers. */
import { prepare } from "../WebSocket/Frames/Prepare.ts"
import type { PreparedMessage } from "../WebSocket/Frames/PreparedMessage.ts"
import type { Publication } from "../WebSocket/Topic/KeyStream.ts"
import type { PresenceChange } from "../WebSocket/Topic/Presence.ts"
import type { Disconnect } from "./Codes.ts"
import * as Protocol from "./Protocol.ts"

/** The part of a client's connection that the hub uses. */
export interface HubClient {
  readonly user: string
  deliver(frame: PreparedMessage): void
  /** The channel's positions mean nothing any more. */
  losePosition(channel: string): void
  /** Sends a message of the application's own. */
  push(text: string): void
  subscribe(channel: string): void
  /** Ends a subscription, and sends the client the reason. */
  unsubscribe(channel: string, why: { readonly code: number; readonly reason: string }): void
  disconnect(why: Disconnect): void
}

/** What others see of a client: the data of its membership in a topic. */
export interface MemberData {
  readonly conn_info?: unknown
  readonly chan_info?: unknown
}

/** The client of a membership. */
export const infoOf = ({ data, id, user }: { id: string; user: string; data: unknown }): Protocol.ClientInfo => ({
  user,
  client: id,
  ...(data as MemberData | undefined)
})

export interface HubRules {
  readonly keepsHistory: (channel: string) => boolean
  readonly pushesJoins: (channel: string) => boolean
  readonly epochOf: (channel: string) => string
}

/** Groups of clients. Most users have one client, for whom no set is made. */
type Groups = Map<string, HubClient | Set<HubClient>>

const nobody: ReadonlySet<HubClient> = new Set()

const membersOf = (groups: Groups, key: string): ReadonlySet<HubClient> => {
  const found = groups.get(key)
  return found === undefined ? nobody : found instanceof Set ? found : new Set([found])
}

const add = (groups: Groups, key: string, client: HubClient): void => {
  const found = groups.get(key)
  if (found === undefined) groups.set(key, client)
  else if (found instanceof Set) found.add(client)
  else if (found !== client) groups.set(key, new Set([found, client]))
}

const remove = (groups: Groups, key: string, client: HubClient): void => {
  const found = groups.get(key)
  if (found === client) groups.delete(key)
  else if (found instanceof Set && found.delete(client) && found.size === 0) groups.delete(key)
}

export class Hub {
  readonly #rules: HubRules
  readonly #channels: Groups = new Map()
  readonly #users: Groups = new Map()

  constructor(rules: HubRules) {
    this.#rules = rules
  }

  enter(client: HubClient): void {
    add(this.#users, client.user, client)
  }

  leave(client: HubClient): void {
    remove(this.#users, client.user, client)
  }

  /** The connections of a user in this process. */
  of(user: string): ReadonlySet<HubClient> {
    return membersOf(this.#users, user)
  }

  subscribe(channel: string, client: HubClient): void {
    add(this.#channels, channel, client)
  }

  unsubscribe(channel: string, client: HubClient): void {
    remove(this.#channels, channel, client)
  }

  publication(channel: string, { message, offset }: Publication): void {
    if (!this.#channels.has(channel)) return
    const keeps = this.#rules.keepsHistory(channel)
    // A client that subscribed before the first publication may know another epoch, or none.
    const epoch = keeps && offset === 1 ? this.#rules.epochOf(channel) : undefined
    this.#push(channel, "pub", Protocol.publication(String(message), keeps ? offset : undefined, epoch))
  }

  presence(change: PresenceChange): void {
    const { key } = change
    if (!this.#channels.has(key) || !this.#rules.pushesJoins(key)) return
    this.#push(key, change._tag === "Joined" ? "join" : "leave", JSON.stringify({ info: infoOf(change) }))
  }

  /** Publications of a channel, or of all channels, were lost. */
  lose(channel: string | undefined): void {
    for (const name of channel === undefined ? [...this.#channels.keys()] : [channel])
      for (const client of [...membersOf(this.#channels, name)]) client.losePosition(name)
  }

  #push(channel: string, kind: "pub" | "join" | "leave", event: string): void {
    const frame = prepare(Protocol.push(channel, kind, event))
    for (const client of membersOf(this.#channels, channel)) client.deliver(frame)
  }
}
