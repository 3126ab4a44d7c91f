/**
 * A client's connection, as its commands see it. It runs them one after the other, in their order. Those that need no hook
 * are handled at once, without a fiber; a hook runs in a fiber that ends with it, and the commands after it wait.
 * Procedures run beside them. The replies to one message leave as one message.
 *
 * `ClientConnection` extends this, and does not own it: all that a client keeps while it is idle is one object, and a
 * delivery to thousands of clients loads as few objects as possible into the CPU's cache.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type { Connection } from "../WebSocket/Connection/Connection.ts"
import type { PreparedMessage } from "../WebSocket/Frames/PreparedMessage.ts"
import { PublishError } from "../WebSocket/Topic/PendingPublications.ts"
import type { Client, Maybe } from "./Channel.ts"
import type { ChannelNode, Identity } from "./ChannelNode.ts"
import { Disconnect, errors, ReplyError } from "./Codes.ts"
import * as Protocol from "./Protocol.ts"
import type { Subscriptions } from "./Subscriptions.ts"

/** What must be run for a command that could not be handled at once. */
export type Later<R> = Maybe<Effect.Effect<void, never, R>>

type Failure = ReplyError | Disconnect | PublishError

/** A hook may throw before there is an effect. */
const ask = <A, E, R>(hook: () => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  try {
    return hook()
  } catch (defect) {
    return Effect.die(defect)
  }
}

interface Waiting {
  readonly command: Protocol.Command
  readonly bytes: number
}

export abstract class ClientSession<R> {
  // The fields that a delivery uses come first, so that they share a cache line.
  protected readonly connection: Connection
  /** The replies to the message that is being handled. */
  #corked: string | undefined = undefined
  readonly node: ChannelNode<R>

  #waiting: Array<Waiting> | undefined = undefined
  /** The fiber of the hook that the commands wait for. */
  #running: Fiber.RuntimeFiber<void> | undefined = undefined
  /** The fibers that run beside the commands. */
  #calls: Set<Fiber.RuntimeFiber<void>> | undefined = undefined

  constructor(connection: Connection, node: ChannelNode<R>) {
    this.connection = connection
    this.node = node
  }

  abstract readonly isClosed: boolean
  /** Who the client is, for hooks. */
  abstract readonly client: Client
  abstract readonly subscriptions: Subscriptions<R>
  /** Handles a command; returns what must be run for it, if it can't be handled at once. */
  protected abstract handle(command: Protocol.Command): Later<R>
  /** The client is this one from now on: commands of all kinds may come. */
  abstract accept(identity: Identity): void
  /** The client may not connect: a further message ends the connection. */
  abstract refuse(): void
  abstract renew(identity: Identity): void
  abstract disconnect(why: Disconnect): void

  /** The bytes that may be sent now, if the client takes nothing more of what waits for it. */
  get room(): number {
    const corked = this.#corked === undefined ? 0 : Buffer.byteLength(this.#corked)
    return (this.node.maxQueued * 3) / 4 - this.connection.queued - corked
  }

  /** Replies wait for `uncork`. */
  protected cork(): void {
    this.#corked = ""
  }

  protected uncork(): void {
    this.flush()
    this.#corked = undefined
  }

  /** Sends the replies that wait: before anything else is sent, to keep the order. */
  protected flush(): void {
    if (!this.#corked) return
    const text = this.#corked
    this.#corked = ""
    this.connection.send(text)
  }

  /** Sends a push or a ping at once. */
  protected send(text: string): void {
    this.flush()
    this.connection.send(text)
  }

  /** Sends a push that many connections get. */
  protected sendPrepared(frame: PreparedMessage): void {
    this.flush()
    this.connection.sendPrepared(frame)
  }

  /** Answers a command. `result` is JSON. */
  answer(id: number, method: string, result: string): void {
    this.#reply(Protocol.reply(id, method, result))
  }

  fail(id: number, error: ReplyError | PublishError): void {
    const known = error instanceof PublishError ? errorOf(error) : error
    this.node.refused(`${known.code} ${known.message}`)
    this.#reply(Protocol.errorReply(id, known))
  }

  #reply(text: string): void {
    if (this.isClosed) return
    if (this.#corked === undefined) this.connection.send(text)
    else this.#corked = this.#corked === "" ? text : `${this.#corked}\n${text}`
  }

  /** Handles a command now, or after those that wait. `bytes` are kept until then. */
  protected run(command: Protocol.Command, bytes: number): void {
    if (this.#waiting === undefined && this.#running === undefined) return this.#handle(command)
    this.#waiting ??= []
    this.#waiting.push({ command, bytes })
    this.connection.retain(bytes)
  }

  /** Interrupts all that runs, and drops what waits. */
  protected stop(): void {
    this.#running?.unsafeInterruptAsFork(FiberId.none)
    for (const call of this.#calls ?? []) call.unsafeInterruptAsFork(FiberId.none)
    const dropped = this.#waiting ?? []
    this.#waiting = undefined
    for (const { bytes } of dropped) this.connection.release(bytes)
  }

  /**
   * Asks a hook, then calls `done` with its result, or `failed` if there is none, if the client is still there. What either
   * dies of is error 100. An effect that is a result already, such as `Effect.succeed`, takes no fiber, and leaves nothing
   * to be run.
   */
  hook<A>(
    id: number,
    hook: () => Effect.Effect<A, Failure, R>,
    done: (result: A) => void,
    failed = (cause: Cause.Cause<unknown>): void => this.failed(id, cause)
  ): Later<R> {
    const settle = (exit: Exit.Exit<A, Failure>): void => {
      if (this.isClosed) return
      if (Exit.isFailure(exit)) return failed(exit.cause)
      try {
        done(exit.value)
      } catch (defect) {
        failed(Cause.die(defect))
      }
    }
    // `Effect.succeed` and `Exit.fail` make results; `Effect.fail` notes the span of its fiber, and so needs one.
    const asked = ask(hook)
    if (Exit.isExit(asked)) return settle(asked as Exit.Exit<A, Failure>)
    return Effect.map(Effect.exit(asked), settle)
  }

  /** Asks a hook beside the commands that follow. */
  beside<A>(id: number, hook: () => Effect.Effect<A, ReplyError | Disconnect, R>, done: (result: A) => void): void {
    if ((this.#calls?.size ?? 0) >= this.node.limits.procedures) return this.fail(id, errors.tooManyRequests)
    const effect = this.hook(id, hook, done)
    if (effect === undefined) return
    const fiber = this.node.fork(effect)
    if (fiber.unsafePoll() !== null) return
    const calls = this.#calls ?? new Set()
    this.#calls = calls.add(fiber)
    fiber.addObserver(() => {
      calls.delete(fiber)
      if (calls.size === 0) this.#calls = undefined
    })
  }

  /** Answers a command whose hook did not succeed. */
  failed(id: number, cause: Cause.Cause<unknown>): void {
    if (this.isClosed) return
    const failure = Option.getOrUndefined(Cause.failureOption(cause))
    if (failure instanceof ReplyError || failure instanceof PublishError) return this.fail(id, failure)
    if (failure instanceof Disconnect) return this.disconnect(failure)
    this.node.unsafeReport(cause)
    this.fail(id, errors.internal)
  }

  #handle(command: Protocol.Command): void {
    let effect: Later<R>
    try {
      effect = this.handle(command)
    } catch (defect) {
      // Commands that waited are handled where a fiber ends: nobody there would catch this.
      return this.failed(command.id ?? 0, Cause.die(defect))
    }
    if (effect !== undefined) this.#fork(effect)
  }

  /** Runs what a command needs, then the commands that wait. */
  #fork(effect: Effect.Effect<void, never, R>): void {
    const fiber = this.node.fork(effect)
    if (fiber.unsafePoll() !== null) return
    this.#running = fiber
    fiber.addObserver(() => {
      this.#running = undefined
      this.#continue()
    })
  }

  #continue(): void {
    while (this.#running === undefined && this.#waiting !== undefined && !this.isClosed) {
      const { bytes, command } = this.#waiting.shift()!
      if (this.#waiting.length === 0) this.#waiting = undefined
      this.connection.release(bytes)
      this.#handle(command)
    }
  }
}

const errorOf = ({ reason }: PublishError): ReplyError =>
  reason === "TooLarge" ? errors.limitExceeded : errors.internal
