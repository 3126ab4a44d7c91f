/** The members of a topic by key: a fold of its log, so all processes have the same. Joining twice changes nothing. */
import * as Schema from "effect/Schema"

/** A membership that counts as present. */
export interface PresentMember<out Data = unknown> {
  /** Unique among all processes. */
  readonly id: string
  readonly user: string
  /** What the member said of itself when it joined, as JSON; `undefined` if nothing. */
  readonly data: Data
}

/** A membership has begun or ended. */
export interface PresenceChange<out Data = unknown> extends PresentMember<Data> {
  readonly _tag: "Joined" | "Left"
  readonly key: string
  /** How many other memberships the user has under the key: 0 if the user has just come, or is gone. */
  readonly others: number
}

/** `node` is the process that serves the member. */
export const PresenceEntry = Schema.Union(
  Schema.TaggedStruct("Joined", {
    key: Schema.String,
    id: Schema.String,
    user: Schema.String,
    data: Schema.Unknown,
    node: Schema.String
  }),
  Schema.TaggedStruct("Left", { key: Schema.String, id: Schema.String, node: Schema.String }),
  /** The process is alive at this time, and its earlier entries hold. */
  Schema.TaggedStruct("Alive", { node: Schema.String, at: Schema.Number }),
  /** The process has ended or was silent for too long, so its members are not present any more. */
  Schema.TaggedStruct("Gone", { node: Schema.String })
)
export type PresenceEntry = typeof PresenceEntry.Type

export const Saved = Schema.Array(
  Schema.Tuple(Schema.String, Schema.String, Schema.String, Schema.Unknown, Schema.String)
)

interface Seat extends PresentMember {
  readonly node: string
}

/** The members of a key, in the order in which they joined, and how many memberships each user has. */
interface Room {
  readonly seats: Map<string, Seat>
  readonly users: Map<string, number>
}

export class Presence {
  readonly #keys = new Map<string, Room>()

  /** Applies an entry. Returns the changes of who is present. */
  take(entry: PresenceEntry): ReadonlyArray<PresenceChange> {
    switch (entry._tag) {
      case "Joined":
        return this.#join(entry.key, { id: entry.id, user: entry.user, data: entry.data, node: entry.node })
      case "Left":
        return this.#leave(entry.key, entry.id)
      case "Alive":
        return []
      case "Gone":
        return this.#rows()
          .filter(([, { node }]) => node === entry.node)
          .flatMap(([key, { id }]) => this.#leave(key, id))
    }
  }

  /** The members that are present, in the order in which they joined. */
  members(key: string): ReadonlyArray<PresentMember> {
    return [...(this.#keys.get(key)?.seats.values() ?? [])].map(({ data, id, user }) => ({ id, user, data }))
  }

  /** How many memberships, and how many different users, are present. */
  count(key: string): { readonly members: number; readonly users: number } {
    const room = this.#keys.get(key)
    return { members: room?.seats.size ?? 0, users: room?.users.size ?? 0 }
  }

  nodes(): ReadonlySet<string> {
    return new Set(this.#rows().map(([, { node }]) => node))
  }

  save(): typeof Saved.Type {
    return this.#rows().map(([key, { data, id, node, user }]) => [key, id, user, data ?? null, node] as const)
  }

  /** Replaces all members by saved ones. Returns the changes of who is present. */
  replace(saved: typeof Saved.Type): ReadonlyArray<PresenceChange> {
    const ids = new Set(saved.map(([, id]) => id))
    const gone = this.#rows().filter(([, { id }]) => !ids.has(id))
    return [
      ...gone.flatMap(([key, { id }]) => this.#leave(key, id)),
      ...saved.flatMap(([key, id, user, data, node]) => this.#join(key, { id, user, data: data ?? undefined, node }))
    ]
  }

  #rows(): ReadonlyArray<readonly [key: string, seat: Seat]> {
    return [...this.#keys].flatMap(([key, { seats }]) => [...seats.values()].map((seat) => [key, seat] as const))
  }

  #join(key: string, seat: Seat): ReadonlyArray<PresenceChange> {
    const room = this.#keys.get(key) ?? { seats: new Map(), users: new Map() }
    if (room.seats.has(seat.id)) return []
    this.#keys.set(key, room)
    room.seats.set(seat.id, seat)
    const others = room.users.get(seat.user) ?? 0
    room.users.set(seat.user, others + 1)
    return [changed("Joined", key, seat, others)]
  }

  #leave(key: string, id: string): ReadonlyArray<PresenceChange> {
    const room = this.#keys.get(key)
    const seat = room?.seats.get(id)
    // The node was declared gone before, so the member is not known any more.
    if (room === undefined || seat === undefined) return []
    room.seats.delete(id)
    const others = room.users.get(seat.user)! - 1
    if (others > 0) room.users.set(seat.user, others)
    else room.users.delete(seat.user)
    if (room.seats.size === 0) this.#keys.delete(key)
    return [changed("Left", key, seat, others)]
  }
}

const changed = (
  tag: PresenceChange["_tag"],
  key: string,
  { data, id, user }: Seat,
  others: number
): PresenceChange => ({
  _tag: tag,
  key,
  id,
  user,
  data,
  others
})
