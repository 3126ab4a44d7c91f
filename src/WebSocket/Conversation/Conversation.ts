/**
 * A connection for handlers that run as one fiber and receive and send messages in it.
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
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Close } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"
import type { PreparedMessage } from "../Frames/PreparedMessage.ts"
import type { ConnectionClosed } from "./ConnectionClosed.ts"

/**
 * One side of a connection, over any transport. It receives `In` and sends `Out`: strings and bytes, or the values of a
 * codec. `Invalid` is the failure for a message that does not decode, if the codec passes that to the handler.
 */
export interface Conversation<in out In = Message, in Out = Message, out Invalid = never> {
  /** A number that is unique in this process. */
  readonly id: number
  /** The subprotocol that both sides agreed on, if any. */
  readonly protocol: string | undefined
  /** Whether messages can be sent. False once either side closes. */
  readonly isOpen: boolean
  /** How many messages have come, taken or not: a peer of whom no more come may be gone. */
  readonly received: number
  /**
   * Takes the next message. Fails with `ConnectionClosed` when the connection is closed and all messages have been
   * taken. An interruption or a timeout loses no message. Only one fiber may wait at a time: if a second one calls it,
   * the first dies.
   *
   * When the peer closes, the close frame is answered once no messages are left, or once the handler ends. So answers to the
   * peer's last messages still reach it.
   */
  readonly receive: Effect.Effect<In, ConnectionClosed | Invalid>
  /**
   * Waits until `receive` would not wait, and takes nothing. Only one fiber may wait at a time. To take a message of
   * whichever conversation has one first, use `receiveFirst`: a race of two `receive`s may take a message of both, and
   * loses one of them.
   */
  readonly ready: Effect.Effect<void>
  /**
   * Calls `f` for each message, one after the other, until either side closes the connection. Succeeds with the close code and
   * reason. This is the cheapest way to receive.
   */
  forEach<X, E, R>(f: (message: In) => Effect.Effect<X, E, R>): Effect.Effect<Close, E | Invalid, R>
  /**
   * All messages until the connection is closed; `closed` has the close code and reason. A chunk holds all messages
   * that wait, so a stream that is ended early may have taken more messages than it emitted. Use `receive` to take them
   * one by one.
   */
  readonly messages: Stream.Stream<In, Invalid>
  /**
   * Sends a message. If 64 KiB or more then wait for the peer to read, waits until all have left this process. Fails
   * with `ConnectionClosed` once this side has sent its close frame. Success does not mean that the peer received the
   * message: if that matters, the peer must confirm it.
   */
  readonly send: (message: Out) => Effect.Effect<void, ConnectionClosed>
  /**
   * Sends a message without waiting. Returns whether the connection was open. Up to `maxQueued` bytes may wait for a
   * slow peer; with more the connection is closed with 1008.
   */
  readonly offer: (message: Out) => boolean
  /** As `offer`, for a message that was encoded once for many connections: see `Topic`. */
  offerPrepared(prepared: PreparedMessage): boolean
  /** Bytes that were sent but have not left this process, because the peer reads slowly. */
  readonly queued: number
  /** Waits until all sent messages have left this process, or the connection has ended. */
  readonly drained: Effect.Effect<void>
  /** Closes, with 1000 unless given. What was sent before still arrives. Does not wait for the end: see `closed`. */
  close(code?: number, reason?: string): Effect.Effect<void>
  /** Waits until the connection has ended; succeeds with the close code and reason. */
  readonly closed: Effect.Effect<Close>
}

/**
 * Takes a message of whichever conversation has one first, and says which. Loses no message of the others, also if it is
 * interrupted. Fails with `ConnectionClosed` when one of them is closed and all its messages have been taken. If several
 * have messages, the first in the list comes first.
 */
export const receiveFirst = <C extends Pick<Conversation<unknown, never, unknown>, "ready" | "receive">>(
  conversations: ReadonlyArray<C>
): Effect.Effect<readonly [from: C, message: Effect.Effect.Success<C["receive"]>], Effect.Effect.Error<C["receive"]>> =>
  Effect.flatMap(Effect.raceAll(conversations.map((from) => Effect.as(from.ready, from))), (from) =>
    Effect.map(
      from.receive as Effect.Effect<Effect.Effect.Success<C["receive"]>, Effect.Effect.Error<C["receive"]>>,
      (message) => [from, message] as const
    )
  )
