/** A conversation over a transport: the messages that wait for the handler, and the handler that waits for a message. */
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type * as ParseResult from "effect/ParseResult"
import * as Stream from "effect/Stream"
import { type Close, CloseCode } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"
import type { PreparedMessage } from "../Frames/PreparedMessage.ts"
import type { Codec } from "./Codec.ts"
import { ConnectionClosed } from "./ConnectionClosed.ts"
import type { Conversation } from "./Conversation.ts"
import { MessageQueue } from "./MessageQueue.ts"
import type { Transport } from "./Transport.ts"

/** Bytes that may wait to leave before `send` waits too. */
const MAX_UNSENT = 64 * 1024

const refusal = new Error(
  "two fibers receive from one conversation: receive in one, and hand the messages on with a Queue or a PubSub"
)

/** The functions whose names begin with `on` are called by the transport's owner, for what comes on the transport. */
export class TransportConversation<In, Out, Invalid> implements Conversation<In, Out, Invalid> {
  readonly protocol: string | undefined
  received = 0
  /** The fiber of the handler, if there is one. */
  owner: Fiber.RuntimeFiber<unknown, unknown> | undefined = undefined
  /** Called with how the connection ended, before the handler learns of it. */
  onEnded: ((close: Close) => void) | undefined = undefined
  readonly #transport: Transport
  readonly #codec: Codec<In, Out, Invalid>
  // Fields that are made on demand: most of ten thousand conversations only wait for a message.
  #messages: MessageQueue | undefined = undefined
  #waiter: ((refused: boolean) => void) | undefined = undefined
  /** Whether the peer closes and waits for the answer, which is sent after the answers to its messages. */
  #closing = false
  /** Whether messages are dropped: one did not decode, or the connection was given up. */
  #refused = false
  #closed: Close | undefined = undefined
  #end: Deferred.Deferred<Close> | undefined = undefined
  #send: Conversation<In, Out, Invalid>["send"] | undefined = undefined
  #offer: Conversation<In, Out, Invalid>["offer"] | undefined = undefined

  constructor(transport: Transport, codec: Codec<In, Out, Invalid>, protocol?: string) {
    this.#transport = transport
    this.#codec = codec
    this.protocol = protocol
  }

  get id(): number {
    return this.#transport.id
  }

  get queued(): number {
    return this.#transport.queued
  }

  get receive(): Effect.Effect<In, ConnectionClosed | Invalid> {
    return Effect.suspend(() => {
      const taken = this.#hasMessage ? this.#take() : undefined
      if (taken !== undefined) return taken
      if (this.#closed !== undefined) return Effect.fail(new ConnectionClosed(this.#closed))
      // Taken when the fiber continues, so a fiber that is interrupted before leaves the message for the next.
      return this.#wait(this.receive)
    })
  }

  get ready(): Effect.Effect<void> {
    return Effect.suspend(() =>
      this.#hasMessage || this.#closed !== undefined ? Effect.void : this.#wait(Effect.void)
    )
  }

  forEach<X, E, R>(f: (message: In) => Effect.Effect<X, E, R>): Effect.Effect<Close, E | Invalid, R> {
    const arrival = this.#wait(Effect.void)
    return Effect.zipRight(
      Effect.whileLoop({
        while: () => this.#hasMessage || this.#closed === undefined,
        body: (): Effect.Effect<unknown, E | Invalid, R> => {
          if (!this.#hasMessage) return arrival
          const taken = this.#take()
          if (taken === undefined) return Effect.void
          return taken._tag === "Success" ? f(taken.value) : taken
        },
        step: () => {}
      }),
      this.closed
    )
  }

  get messages(): Stream.Stream<In, Invalid> {
    const pull: Effect.Effect<Chunk.Chunk<In>, Invalid> = Effect.suspend(() => {
      const taken = this.#takeAll()
      if (taken !== undefined) return taken
      return this.#closed === undefined ? this.#wait(pull) : Effect.succeed(Chunk.empty())
    })
    const loop: Channel.Channel<Chunk.Chunk<In>, unknown, Invalid, unknown, unknown, unknown> = Channel.flatMap(
      Channel.fromEffect(pull),
      (chunk) => (Chunk.isEmpty(chunk) ? Channel.void : Channel.flatMap(Channel.write(chunk), () => loop))
    )
    return Stream.fromChannel(loop)
  }

  get send(): Conversation<In, Out, Invalid>["send"] {
    this.#send ??= (message) =>
      Effect.suspend(() => {
        const transport = this.#transport
        if (!transport.isOpen) return Effect.flatMap(this.closed, (close) => new ConnectionClosed(close))
        transport.send(this.#codec.encode(message))
        return transport.queued < MAX_UNSENT ? Effect.void : this.drained
      })
    return this.#send
  }

  get offer(): Conversation<In, Out, Invalid>["offer"] {
    this.#offer ??= (message) => {
      if (!this.#transport.isOpen) return false
      this.#transport.send(this.#codec.encode(message))
      return true
    }
    return this.#offer
  }

  offerPrepared(prepared: PreparedMessage): boolean {
    if (!this.#transport.isOpen) return false
    this.#transport.sendPrepared(prepared)
    return true
  }

  get drained(): Effect.Effect<void> {
    return Effect.async((resume) => Effect.sync(this.#transport.onceDrained(() => resume(Effect.void))))
  }

  close(code?: number, reason?: string): Effect.Effect<void> {
    return Effect.sync(() => this.#transport.close(code, reason))
  }

  get closed(): Effect.Effect<Close> {
    return Effect.suspend(() => {
      if (this.#closed !== undefined) return Effect.succeed(this.#closed)
      // The handler takes no more messages, so the peer's close frame is answered now.
      if (this.#closing && !this.#hasMessage) this.#transport.close()
      this.#end ??= Deferred.unsafeMake<Close>(FiberId.none)
      return Deferred.await(this.#end)
    })
  }

  get isOpen(): boolean {
    return this.#transport.isOpen
  }

  onMessage(message: Message): void {
    this.received++
    if (this.#refused) return
    this.#messages ??= new MessageQueue(this.#transport)
    this.#messages.push(message)
    this.#wake()
  }

  onClosing(): void {
    this.#closing = true
    if (!this.#hasMessage) this.#transport.close()
  }

  /** This side must close: after the finalizers of the owner's fiber, which is interrupted; at once without one. */
  onLeaving(close: Close): void {
    if (this.owner === undefined) this.#transport.close(close.code, close.reason)
    else this.owner.unsafeInterruptAsFork(FiberId.none)
  }

  onGivenUp(): void {
    this.#refused = true
    this.#messages?.clear()
  }

  onClose(close: Close): void {
    this.#closed = { code: close.code, reason: close.reason }
    this.onEnded?.(this.#closed)
    if (this.#end !== undefined) Deferred.unsafeDone(this.#end, Effect.succeed(this.#closed))
    this.#wake()
  }

  get #hasMessage(): boolean {
    return this.#messages?.isEmpty === false
  }

  /** Takes and decodes the next message; there must be one. `undefined`: it closed the connection. */
  #take(): Exit.Exit<In, Invalid> | undefined {
    const decoded = this.#codec.decode(this.#messages!.shift())
    return decoded._tag === "Right" ? Exit.succeed(decoded.right) : this.#reject(decoded.left)
  }

  /** Takes all waiting messages, up to one that does not decode. That one is then the next. */
  #takeAll(): Exit.Exit<Chunk.Chunk<In>, Invalid> | undefined {
    const taken: Array<In> = []
    while (this.#hasMessage) {
      const decoded = this.#codec.decode(this.#messages!.peek())
      if (decoded._tag === "Left" && taken.length > 0) break
      this.#messages!.shift()
      if (decoded._tag === "Left") return this.#reject(decoded.left)
      taken.push(decoded.right)
    }
    return taken.length === 0 ? undefined : Exit.succeed(Chunk.unsafeFromArray(taken))
  }

  #reject(error: ParseResult.ParseError): Exit.Exit<never, Invalid> | undefined {
    const verdict = this.#codec.onInvalid(error)
    if (verdict._tag === "Fail") return Exit.fail(verdict.error)
    // Messages that follow are dropped.
    this.#refused = true
    this.#messages?.clear()
    this.#transport.close(CloseCode.InvalidPayload, verdict.reason)
    return undefined
  }

  /** Waits for the next event, then continues with `next`, unless the fiber is interrupted before. */
  #wait<A, E>(next: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.async<A, E>((resume) => {
      // The peer's close frame was not answered yet, because there might have been more messages to answer.
      if (this.#closing) this.#transport.close()
      // An interrupted fiber leaves a waiter that resumes nothing. Without a finalizer to remove it, a wait costs half
      // as much.
      this.#waiter?.(true)
      this.#waiter = (refused) => resume(refused ? Effect.die(refusal) : next)
    })
  }

  #wake(): void {
    const waiter = this.#waiter
    this.#waiter = undefined
    waiter?.(false)
  }
}
