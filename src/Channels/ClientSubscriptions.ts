/** The subscriptions of a client: the events of each channel, and the position after its last message. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import type { Body, ClientCommands, CommandError, Done } from "./ClientCommands.ts"
import type { Info, RawPublication, Reply, SubscribedResult } from "./ClientReply.ts"
import { errors, ReplyError } from "./Codes.ts"

/** What happens in a channel. */
export type ChannelEvent<A> =
  /**
   * The subscription begins, or begins again. `Recovered`: what was missed follows. `Gap`: something is lost, so load the
   * state anew. `Fresh`: the first time, or a channel that keeps nothing.
   */
  | { readonly _tag: "Subscribed"; readonly recovery: "Fresh" | "Recovered" | "Gap"; readonly data: unknown }
  | { readonly _tag: "Message"; readonly data: A; readonly info: Info | undefined; readonly offset: number | undefined }
  | { readonly _tag: "Joined" | "Left"; readonly info: Info }

type Events = Mailbox.Mailbox<ChannelEvent<unknown>, ReplyError | CommandError>

export interface Subscription {
  readonly events: Events
  position: { readonly epoch: string; readonly offset: number } | undefined
}

/** Time before a subscription that failed for the moment is tried again. */
const RETRY = "1 second"

export class ClientSubscriptions {
  readonly #commands: ClientCommands
  readonly #buffer: number
  readonly #fork: (effect: Effect.Effect<void>) => void
  readonly #channels = new Map<string, Subscription>()

  /** At most `buffer` events wait to be taken from a subscription. `fork` runs what must wait. */
  constructor(commands: ClientCommands, buffer: number, fork: (effect: Effect.Effect<void>) => void) {
    this.#commands = commands
    this.#buffer = buffer
    this.#fork = fork
  }

  /** Subscribes to a channel, now or with the next connection. */
  readonly open = (channel: string): Effect.Effect<Subscription, ReplyError | CommandError> =>
    Effect.flatMap(
      Mailbox.make<ChannelEvent<unknown>, ReplyError | CommandError>(),
      (events): Effect.Effect<Subscription, ReplyError | CommandError> => {
        if (this.#commands.ended !== undefined) return this.#commands.ended
        if (this.#channels.has(channel)) return errors.alreadySubscribed
        const subscription: Subscription = { events, position: undefined }
        this.#channels.set(channel, subscription)
        this.#subscribe(channel)
        return Effect.succeed(subscription)
      }
    )

  close(channel: string, subscription: Subscription): void {
    if (this.#channels.get(channel) !== subscription) return
    this.#channels.delete(channel)
    if (this.#commands.talk !== undefined) this.#commands.send({ unsubscribe: { channel } }, () => {})
  }

  /** Registers the commands with which a connection begins. */
  registerAll(): ReadonlyArray<number> {
    return [...this.#channels.keys()].map((channel) => this.#commands.register(...this.#command(channel)))
  }

  pushed({ channel, join, leave, pub, unsubscribe }: NonNullable<Reply["push"]>): void {
    const subscription = this.#channels.get(channel)
    if (subscription === undefined) return
    if (pub !== undefined) return this.#published(subscription, pub)
    if (join !== undefined) return this.#emit(subscription, { _tag: "Joined", info: join.info })
    if (leave !== undefined) return this.#emit(subscription, { _tag: "Left", info: leave.info })
    if (unsubscribe === undefined) return
    const { code, reason = "unsubscribed" } = unsubscribe
    if (code >= 2500) this.#subscribe(channel)
    else this.#end(channel, new ReplyError({ code, message: reason, temporary: false }))
  }

  end(error: CommandError): void {
    for (const channel of [...this.#channels.keys()]) this.#end(channel, error)
  }

  #end(channel: string, error: ReplyError | CommandError): void {
    const subscription = this.#channels.get(channel)
    this.#channels.delete(channel)
    subscription?.events.unsafeDone(Exit.fail(error))
  }

  #subscribe(channel: string): void {
    if (this.#commands.talk !== undefined && this.#channels.has(channel)) this.#commands.send(...this.#command(channel))
  }

  #command(channel: string): readonly [Body, Done] {
    const subscription = this.#channels.get(channel)!
    const { position } = subscription
    const recovery = position === undefined ? {} : { recover: true, ...position }
    const done: Done = (answer) => {
      if (this.#channels.get(channel) !== subscription) return
      if (Exit.isSuccess(answer)) return this.#began(subscription, answer.value.subscribe ?? {})
      const failure = Option.getOrUndefined(Cause.failureOption(answer.cause))
      // With the connection that was lost, all subscriptions are made again.
      if (!(failure instanceof ReplyError)) return
      if (!failure.temporary) return this.#end(channel, failure)
      const again = Effect.sync(() => this.#subscribe(channel))
      this.#fork(Effect.delay(again, RETRY))
    }
    return [{ subscribe: { channel, ...recovery } }, done]
  }

  #began(subscription: Subscription, { data, epoch = "", offset = 0, ...result }: SubscribedResult): void {
    const isFresh = subscription.position === undefined
    const recovery = isFresh ? "Fresh" : result.recovered === true ? "Recovered" : "Gap"
    subscription.position = result.recoverable === true ? { epoch, offset } : undefined
    this.#emit(subscription, { _tag: "Subscribed", recovery, data })
    for (const publication of result.publications ?? []) this.#published(subscription, publication)
  }

  #published(subscription: Subscription, { data, epoch, info, offset }: RawPublication): void {
    const { position } = subscription
    if (offset !== undefined && position !== undefined)
      subscription.position = { epoch: epoch ?? position.epoch, offset }
    this.#emit(subscription, { _tag: "Message", data, info, offset })
  }

  #emit({ events }: Subscription, event: ChannelEvent<unknown>): void {
    if (Option.getOrElse(events.unsafeSize(), () => 0) >= this.#buffer) {
      Effect.runSync(events.clear)
      events.unsafeOffer({ _tag: "Subscribed", recovery: "Gap", data: undefined })
    }
    events.unsafeOffer(event)
  }
}
