/** The processes that share a topic: the members of this one, and which of the others are silent. */
import type { LogHealth } from "../../Log/Log.ts"
import { type PublishError, tooLarge } from "./PendingPublications.ts"
import type { PresentMember } from "./Presence.ts"

/** The most bytes of a member's user and data. */
const MAX_MEMBER = 64 * 1024

/** The members of this process, by key. They are written to the log again for processes that lost them. */
export class OwnMembers {
  readonly #keys = new Map<string, Map<string, PresentMember>>()

  /** Returns why the member can't be there. */
  enter(key: string, member: PresentMember): PublishError | undefined {
    const bytes = Buffer.byteLength(JSON.stringify([member.user, member.data]))
    if (bytes > MAX_MEMBER) return tooLarge("what a member says of itself", bytes, MAX_MEMBER)
    const members = this.#keys.get(key) ?? new Map<string, PresentMember>()
    this.#keys.set(key, members.set(member.id, member))
    return undefined
  }

  /** Returns whether the member was there. */
  leave(key: string, id: string): boolean {
    const members = this.#keys.get(key)
    if (members?.delete(id) !== true) return false
    if (members.size === 0) this.#keys.delete(key)
    return true
  }

  forEach(f: (key: string, member: PresentMember) => void): void {
    for (const [key, members] of this.#keys) for (const member of members.values()) f(key, member)
  }
}

/** Finds the processes that have been silent for too long. */
export class NodeHeartbeats {
  readonly #own: string
  readonly #limit: number
  readonly #now: () => number
  /** When each node was heard last, or was first asked about. */
  readonly #heard = new Map<string, number>()

  /** `limit` and the result of `now` are in milliseconds. */
  constructor(own: string, limit: number, now: () => number) {
    this.#own = own
    this.#limit = limit
    this.#now = now
  }

  heard(node: string): void {
    this.#heard.set(node, this.#now())
  }

  /** The nodes that were silent for longer than the limit, while this process was connected and read the whole log. */
  silent(nodes: ReadonlySet<string>, { behind, connected }: LogHealth): ReadonlyArray<string> {
    const now = this.#now()
    if (behind > 0 || !connected) this.#heard.clear()
    for (const node of this.#heard.keys()) if (!nodes.has(node)) this.#heard.delete(node)
    return [...nodes].filter((node) => {
      if (node === this.#own) return false
      const last = this.#heard.get(node)
      if (last === undefined) this.#heard.set(node, now)
      return last !== undefined && now - last > this.#limit
    })
  }
}
