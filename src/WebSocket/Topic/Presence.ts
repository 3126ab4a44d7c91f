/**
 * The members of a topic by key. This is a fold of the topic's log, so each process that reads the log has the same
 * members.
 */
import * as Schema from "effect/Schema"
import type { PresenceEntry } from "./TopicEntry.ts"

/** A name has become present under a key, or is not present there any more. */
export interface PresenceChange {
  readonly _tag: "Joined" | "Left"
  readonly key: string
  readonly who: string
}

const Rows = Schema.parseJson(Schema.Array(Schema.Tuple(Schema.String, Schema.String, Schema.String, Schema.Number)))
const decodeRows = Schema.decodeSync(Rows)
const encodeRows = Schema.encodeSync(Rows)

export class Presence {
  /** How many conversations a name has: by key, by name, by node. */
  readonly #keys = new Map<string, Map<string, Map<string, number>>>()

  /** Applies an entry. Returns the changes of who is present. */
  take(entry: PresenceEntry): ReadonlyArray<PresenceChange> {
    switch (entry._tag) {
      case "Joined":
        return this.#join(entry.key, entry.who, entry.node, 1)
      case "Left":
        return this.#leave(entry.key, entry.who, entry.node)
      case "Alive":
        return []
      case "Gone":
        return this.#forget(entry.node)
    }
  }

  /** The names that are present, in the order in which they joined. */
  who(key: string): ReadonlyArray<string> {
    return [...(this.#keys.get(key)?.keys() ?? [])]
  }

  /** The nodes that have members. */
  nodes(): ReadonlySet<string> {
    const nodes = new Set<string>()
    for (const [, , node] of this.#rows()) nodes.add(node)
    return nodes
  }

  clear(): void {
    this.#keys.clear()
  }

  snapshot(): string {
    return encodeRows([...this.#rows()])
  }

  restore(snapshot: string): void {
    this.clear()
    for (const [key, who, node, count] of decodeRows(snapshot)) this.#join(key, who, node, count)
  }

  *#rows(): Iterable<readonly [key: string, who: string, node: string, count: number]> {
    for (const [key, people] of this.#keys)
      for (const [who, nodes] of people) for (const [node, count] of nodes) yield [key, who, node, count]
  }

  #join(key: string, who: string, node: string, count: number): ReadonlyArray<PresenceChange> {
    const people = getOrMake(this.#keys, key, () => new Map<string, Map<string, number>>())
    const isNew = !people.has(who)
    const nodes = getOrMake(people, who, () => new Map<string, number>())
    nodes.set(node, (nodes.get(node) ?? 0) + count)
    return isNew ? [{ _tag: "Joined", key, who }] : []
  }

  #leave(key: string, who: string, node: string): ReadonlyArray<PresenceChange> {
    const nodes = this.#keys.get(key)?.get(who)
    const count = nodes?.get(node)
    // The node was declared gone before, so the member is not known any more.
    if (nodes === undefined || count === undefined) return []
    if (count > 1) nodes.set(node, count - 1)
    else nodes.delete(node)
    return this.#settle(key, who)
  }

  #forget(node: string): ReadonlyArray<PresenceChange> {
    const lost = [...this.#rows()].filter((row) => row[2] === node)
    return lost.flatMap(([key, who]) => {
      this.#keys.get(key)?.get(who)?.delete(node)
      return this.#settle(key, who)
    })
  }

  /** Removes a name that has no conversation left. */
  #settle(key: string, who: string): ReadonlyArray<PresenceChange> {
    const people = this.#keys.get(key)
    if (people?.get(who)?.size !== 0) return []
    people.delete(who)
    if (people.size === 0) this.#keys.delete(key)
    return [{ _tag: "Left", key, who }]
  }
}

const getOrMake = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
