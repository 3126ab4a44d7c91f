/**
 * A connection for handlers that are written as a story: one fiber, which receives and sends.
 *
 * ```ts
 * const greet = (conversation: Conversation) =>
 *   Effect.gen(function* () {
 *     yield* conversation.send("What is your name?")
 *     const name = yield* conversation.receive
 *     yield* conversation.send(`Hello, ${name}!`)
 *   })
 * ```
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Close } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"
import type { PreparedMessage } from "../Frames/PreparedMessage.ts"
import type { ConnectionClosed } from "./ConnectionClosed.ts"

/**
 * One side of a connection, whichever carries it. `In` is received and `Out` sent: strings and bytes, or what a codec
 * makes of them. `Invalid` is the failure for a message that does not decode, where the codec gives it to the handler.
 */
export interface Conversation<in out In = Message, in Out = Message, out Invalid = never> {
  /** Unique in this process. */
  readonly id: number
  /** The subprotocol that was agreed on. */
  readonly protocol: string | undefined
  /** Whether messages can be sent: until either side closes. */
  readonly isOpen: boolean
  /**
   * The next message. Fails once the connection is closed and all that was received is taken. May be interrupted or timed
   * out; no message is lost by that. For one fiber at a time: one that still waits dies when another one asks.
   *
   * A peer that closes is answered when this is called with nothing left to take, or when the handler ends: what was sent
   * before, though it be the answers to the peer's last messages, still reaches it.
   */
  readonly receive: Effect.Effect<In, ConnectionClosed | Invalid>
  /**
   * Calls `f` for each message, one after the other, until the connection is closed, by whichever side: gives how. The
   * cheapest way to receive.
   */
  forEach<X, E, R>(f: (message: In) => Effect.Effect<X, E, R>): Effect.Effect<Close, E | Invalid, R>
  /**
   * All messages until the connection is closed; `closed` tells how. A chunk holds all that waits, so a stream that is
   * ended early has taken more than it gave: use `receive` to take messages one by one.
   */
  readonly messages: Stream.Stream<In, Invalid>
  /**
   * Sends a message; waits while the peer does not read. Fails once the closing handshake is done on this side. Sent is
   * not received: what a peer must have, it has to confirm.
   */
  readonly send: (message: Out) => Effect.Effect<void, ConnectionClosed>
  /** Sends a message without waiting; whether the connection was open. For what may be held up to the server's `maxQueued`. */
  readonly offer: (message: Out) => boolean
  /** As `offer`, of a message that goes to many: see `Topic`. */
  offerPrepared(prepared: PreparedMessage): boolean
  /** Bytes that were sent but have not left this process: what a slow peer costs. */
  readonly queued: number
  /** Waits until all that was sent has left this process, or never will. */
  readonly drained: Effect.Effect<void>
  /** Closes the connection, with 1000 unless told otherwise; what was sent before arrives first. */
  close(code?: number, reason?: string): Effect.Effect<void>
  /** How the connection ended, once it has. */
  readonly closed: Effect.Effect<Close>
}
