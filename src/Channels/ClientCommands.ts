/** The commands of a client that have no answer yet: those that were sent, and those that wait for a connection. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import type { Conversation } from "../WebSocket/Conversation/Conversation.ts"
import type { Reply } from "./ClientReply.ts"
import { ReplyError } from "./Codes.ts"

/**
 * A command has no answer: `Timeout`, `Lost` (the connection ended before the answer came, so the server may have done
 * it), `Full` (the outbox has no room), `Ended` (the client has ended, with the server's code in `detail`).
 */
export class CommandError extends Schema.TaggedError<CommandError>()("CommandError", {
  reason: Schema.Literal("Timeout", "Lost", "Full", "Ended"),
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

const lost = new CommandError({ reason: "Lost", detail: "the connection was lost before the answer came" })

/** Called with the answer to a command, or why there is none. */
export type Done = (answer: Exit.Exit<Reply, ReplyError | CommandError>) => void

/** A command without its id. */
export type Body = Readonly<Record<string, unknown>>

export class ClientCommands {
  readonly #outbox: number
  readonly #timeout: Duration.DurationInput
  readonly #pending = new Map<number, { readonly body: Body; readonly done: Done }>()
  /** The ids of those that wait for a connection. */
  readonly #unsent = new Set<number>()
  #ids = 0
  /** The connection, once the server has accepted the client. */
  talk: Pick<Conversation, "offer"> | undefined
  ended: CommandError | undefined

  /** At most `outbox` commands wait for a connection, and each waits for its answer until `timeout`. */
  constructor(outbox: number, timeout: Duration.DurationInput) {
    this.#outbox = outbox
    this.#timeout = timeout
  }

  /** Registers a command that the caller sends: see `textOf`. */
  register(body: Body, done: Done): number {
    this.#pending.set(++this.#ids, { body, done })
    return this.#ids
  }

  readonly textOf = (id: number): string => JSON.stringify({ id, ...this.#pending.get(id)?.body })

  /** Sends a command, now or with the next connection. */
  send(body: Body, done: Done): number {
    const id = this.register(body, done)
    if (this.talk?.offer(this.textOf(id)) !== true) this.#unsent.add(id)
    return id
  }

  /** Sends a command, and waits for its answer. */
  call(body: Body): Effect.Effect<Reply, ReplyError | CommandError> {
    const sent = Effect.suspend(() => {
      if (this.ended !== undefined) return this.ended
      if (this.talk === undefined && this.#unsent.size >= this.#outbox)
        return new CommandError({ reason: "Full", detail: `${this.#outbox} commands wait for a connection` })
      return Effect.async<Reply, ReplyError | CommandError>((resume) => {
        const id = this.send(body, resume)
        return Effect.sync(() => {
          this.#pending.delete(id)
          this.#unsent.delete(id)
        })
      })
    })
    const detail = `no answer within ${Duration.format(Duration.decode(this.#timeout))}`
    return Effect.timeoutFail(sent, {
      duration: this.#timeout,
      onTimeout: () => new CommandError({ reason: "Timeout", detail })
    })
  }

  /** The commands that wait for a connection. They count as sent from now on. */
  takeUnsent(): ReadonlyArray<number> {
    const ids = [...this.#unsent]
    this.#unsent.clear()
    return ids
  }

  answered(id: number, reply: Reply): void {
    const command = this.#pending.get(id)
    this.#pending.delete(id)
    command?.done(reply.error === undefined ? Exit.succeed(reply) : Exit.fail(new ReplyError(reply.error)))
  }

  /** The connection is lost, and with it the answers to what was sent. */
  lose(): void {
    this.talk = undefined
    for (const [id, { done }] of [...this.#pending]) {
      if (this.#unsent.has(id)) continue
      this.#pending.delete(id)
      done(Exit.fail(lost))
    }
  }

  /** There will be no connection any more. */
  end(error: CommandError): void {
    this.ended = error
    for (const { done } of [...this.#pending.values()]) done(Exit.fail(error))
    this.#pending.clear()
    this.#unsent.clear()
  }
}
