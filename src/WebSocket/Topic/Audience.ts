/** The members of a topic in this process. A message is framed once. Each member gets it as fast as it reads. */
import * as Effect from "effect/Effect"
import type { Conversation } from "../Conversation/Conversation.ts"
import { CloseCode } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"
import { prepare } from "../Frames/Prepare.ts"
import type { PreparedMessage } from "../Frames/PreparedMessage.ts"

/** The part of a conversation that a topic uses. Its messages are of type `Out`. */
export type Member<in Out> = Pick<
  Conversation<never, Out, unknown>,
  "offer" | "offerPrepared" | "queued" | "drained" | "close"
>

/**
 * How to handle a member for which more than `maxQueued` bytes wait. `close` closes it with 1008. With `drop` it misses
 * messages until fewer bytes wait. With `newest` it misses messages until it has read all that waits, and then gets the
 * newest one that it missed.
 */
type SlowPolicy = "close" | "drop" | "newest"

/** How to treat members that read slowly. */
export interface AudienceOptions {
  /** How to handle a member that reads too slowly. */
  readonly slow: SlowPolicy
  /** Bytes that may wait for a member before `slow` applies. */
  readonly maxQueued: number
}

/** One membership of a conversation under a key. */
interface Seat {
  readonly member: Member<never>
  /** Whether the member misses messages, until it has read what waits. */
  isBehind: boolean
  /** The message to send once the member has read what waits, if it gets the newest one that it missed. */
  newest: PreparedMessage | undefined
  /** Whether messages were lost, and what to call when they are. */
  isLost: boolean
  onLost: (() => void) | undefined
}

export class Audience {
  readonly #options: AudienceOptions
  readonly #fork: (effect: Effect.Effect<void>) => void
  readonly #closed: (key: string, id: string) => void
  /** By key, by the id of the membership. */
  readonly #keys = new Map<string, Map<string, Seat>>()

  /** `fork` runs effects that must wait, which only slow members need. `closed` is told which members were too slow. */
  constructor(
    options: AudienceOptions,
    fork: (effect: Effect.Effect<void>) => void,
    closed: (key: string, id: string) => void
  ) {
    this.#options = options
    this.#fork = fork
    this.#closed = closed
  }

  /** Adds a member, which first gets the messages that it missed. */
  join(key: string, id: string, member: Member<never>, missed: ReadonlyArray<{ readonly message: Message }>): void {
    const seats = this.#keys.get(key) ?? new Map<string, Seat>()
    this.#keys.set(key, seats.set(id, { member, isBehind: false, newest: undefined, isLost: false, onLost: undefined }))
    for (const { message } of missed) member.offerPrepared(prepare(message))
  }

  leave(key: string, id: string): void {
    const seats = this.#keys.get(key)
    const seat = seats?.get(id)
    if (seats === undefined || seat === undefined) return
    seats.delete(id)
    seat.newest = undefined
    if (seats.size === 0) this.#keys.delete(key)
  }

  /** Messages of the key, or of all keys, are lost. */
  lose(key: string | undefined): void {
    const rooms = key === undefined ? [...this.#keys.values()] : [this.#keys.get(key) ?? new Map<string, Seat>()]
    for (const seats of rooms)
      for (const seat of [...seats.values()]) {
        seat.isLost = true
        seat.onLost?.()
      }
  }

  /** Calls `f` when messages are lost that a member should have got, or now if they were. */
  whenLost(key: string, id: string, f: () => void): void {
    const seat = this.#keys.get(key)?.get(id)
    if (seat === undefined) return
    if (seat.isLost) f()
    else seat.onLost = f
  }

  /** Hands a message to all members of the key, but the one with the id `except`. */
  deliver(key: string, message: Message, except?: string): void {
    const seats = this.#keys.get(key)
    if (seats === undefined) return
    const prepared = prepare(message)
    for (const [id, seat] of seats) {
      if (id === except) continue
      // It has just read all, and its fiber has not run yet.
      if (seat.isBehind && seat.newest === undefined && seat.member.queued === 0) seat.isBehind = false
      if (seat.isBehind) this.#miss(seat, prepared)
      else if (seat.member.queued <= this.#options.maxQueued) seat.member.offerPrepared(prepared)
      else this.#treatSlow(key, id, seat, prepared)
    }
  }

  #treatSlow(key: string, id: string, seat: Seat, prepared: PreparedMessage): void {
    if (this.#options.slow === "close") {
      this.leave(key, id)
      this.#closed(key, id)
      return this.#fork(seat.member.close(CloseCode.PolicyViolation, "slow reader"))
    }
    seat.isBehind = true
    this.#miss(seat, prepared)
    const catchUp = Effect.sync(() => {
      seat.isBehind = false
      if (seat.newest !== undefined) seat.member.offerPrepared(seat.newest)
      seat.newest = undefined
    })
    this.#fork(Effect.zipRight(seat.member.drained, catchUp))
  }

  #miss(seat: Seat, prepared: PreparedMessage): void {
    if (this.#options.slow === "newest") seat.newest = prepared
  }
}
