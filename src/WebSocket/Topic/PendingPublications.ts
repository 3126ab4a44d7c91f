/** What this process published and has not read back from the topic's log yet, and why a publication fails. */
import * as Schema from "effect/Schema"
import type { Position } from "./KeyHistory.ts"

/**
 * A message was not published, or perhaps not: `TooLarge` (it has more bytes than the topic takes), `Overloaded` (too
 * many bytes wait to be written to the log), `Unconfirmed` (the log's engine did not confirm it in time, so it may still
 * be published, or has lost its log). `detail` is one line for people.
 */
export class PublishError extends Schema.TaggedError<PublishError>()("PublishError", {
  reason: Schema.Literal("TooLarge", "Overloaded", "Unconfirmed"),
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

export type Done = (result: Position | PublishError) => void

/** The engine of the log with this name is silent. */
export const unconfirmed = (name: string) =>
  new PublishError({
    reason: "Unconfirmed",
    detail: `the log ${name} did not answer in time: what was sent may be published later`
  })

export const tooLarge = (what: string, bytes: number, most: number) =>
  new PublishError({ reason: "TooLarge", detail: `${what} has ${bytes} bytes: expected at most ${most}` })

export const overloaded = (name: string, bytes: number) =>
  new PublishError({
    reason: "Overloaded",
    detail: `${bytes} bytes wait to be written to the log ${name}: try again later`
  })

export class PendingPublications {
  readonly #name: string
  /** In the order of their publication, by number. */
  readonly #pending = new Map<number, { readonly done: Done; readonly until: number }>()
  #number = 0

  constructor(name: string) {
    this.#name = name
  }

  /** Adds a publication that is unconfirmed at `until`. Returns its number, with which it comes back. */
  add(done: Done, until: number): number {
    this.#pending.set(++this.#number, { done, until })
    return this.#number
  }

  /** The publication with this number came back, with its position. */
  confirm(number: number, position: Position): void {
    const published = this.#pending.get(number)
    this.#pending.delete(number)
    published?.done(position)
  }

  /** Fails those whose time is over at `now`: all, if it is infinite. */
  expire(now: number): void {
    for (const [number, { done, until }] of this.#pending) {
      if (until > now) return
      this.#pending.delete(number)
      done(unconfirmed(this.#name))
    }
  }
}
