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
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Connection, Handler } from "../Connection/Connection.ts"
import type { Close } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"

/** The connection is closed. `code` is 1005 where the peer gave none, 1006 where there was no closing handshake. */
export class ConnectionClosed extends Schema.TaggedError<ConnectionClosed>()("ConnectionClosed", {
  code: Schema.Number,
  reason: Schema.String
}) {
  override get message(): string {
    return `the connection was closed with code ${this.code}${this.reason === "" ? "" : ` (${this.reason})`}`
  }
}

/** Messages that may wait for the handler; with more the connection is not read. */
const HIGH_WATER = 64

/** Bytes that may wait to leave before `send` waits too. */
const MAX_UNSENT = 64 * 1024

export class Conversation implements Handler {
  readonly connection: Connection
  /** The subprotocol that was agreed on. */
  readonly protocol: string | undefined
  /** Absent while empty, as it is nearly always. */
  #messages: Array<Message> | undefined = undefined
  /** Whether the client closes and waits for the answer, which comes after those to its messages. */
  #closing = false
  #closed: ConnectionClosed | undefined = undefined
  #wake: (() => void) | undefined = undefined
  #end: Deferred.Deferred<Close> | undefined = undefined

  constructor(connection: Connection, protocol?: string) {
    this.connection = connection
    this.protocol = protocol
  }

  // Effects are made when they are asked for: most of ten thousand conversations wait for one thing only.

  /**
   * The next message. Fails once the connection is closed and all that was received is taken. For one fiber at a time.
   *
   * A peer that closes is answered when this is called with nothing left to take, or when the handler ends: what was sent
   * before, though it be the answers to the peer's last messages, still reaches it.
   */
  get receive(): Effect.Effect<Message, ConnectionClosed> {
    return Effect.suspend(() => {
      const exit = this.#take()
      if (exit !== undefined) return exit
      return Effect.async<Message, ConnectionClosed>((resume) => {
        // Taken when the fiber goes on: one that is interrupted before leaves the message to the next.
        this.#wake = () => resume(this.receive)
        return Effect.sync(() => {
          this.#wake = undefined
        })
      })
    })
  }

  /** All messages until the connection is closed, by whichever side and however. */
  get messages(): Stream.Stream<Message> {
    return Stream.catchAll(Stream.repeatEffect(this.receive), () => Stream.empty)
  }

  /** Sends a message; waits while the peer does not read. Fails once the closing handshake is done on this side. */
  readonly send = (message: Message): Effect.Effect<void, ConnectionClosed> =>
    Effect.suspend(() => {
      const { connection } = this
      if (!connection.isOpen) return Effect.flatMap(this.closed, (close) => new ConnectionClosed(close))
      connection.send(message)
      if (connection.queued < MAX_UNSENT) return Effect.void
      return Effect.async<void>((resume) => connection.onceDrained(() => resume(Effect.void)))
    })

  /** Closes the connection; what was sent before arrives first. */
  close(code?: number, reason?: string): Effect.Effect<void> {
    return Effect.sync(() => this.connection.close(code, reason))
  }

  /** How the connection ended, once it has. */
  get closed(): Effect.Effect<Close> {
    return Effect.suspend(() => {
      if (this.#closed !== undefined) return Effect.succeed({ code: this.#closed.code, reason: this.#closed.reason })
      this.#end ??= Deferred.unsafeMake<Close>(FiberId.none)
      return Deferred.await(this.#end)
    })
  }

  onMessage(message: Message): void {
    this.#messages ??= []
    this.#messages.push(message)
    if (this.#messages.length === HIGH_WATER) this.connection.pause()
    this.#notify()
  }

  onClosing(): void {
    this.#closing = true
    if (this.#messages === undefined) this.connection.close()
  }

  onClose(close: Close): void {
    this.#closed = new ConnectionClosed(close)
    if (this.#end !== undefined) Deferred.unsafeDone(this.#end, Effect.succeed(close))
    this.#notify()
  }

  #take(): Exit.Exit<Message, ConnectionClosed> | undefined {
    const messages = this.#messages
    const message = messages?.shift()
    if (messages === undefined || message === undefined) {
      if (this.#closing) this.connection.close()
      return this.#closed === undefined ? undefined : Exit.fail(this.#closed)
    }
    if (messages.length === HIGH_WATER - 1) this.connection.resume()
    if (messages.length === 0) this.#messages = undefined
    return Exit.succeed(message)
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
