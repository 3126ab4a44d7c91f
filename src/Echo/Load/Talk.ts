import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Arrived, Backlog } from "./Backlog.ts"

/**
 * A conversation, as a script of a user has it. A script has it until its promise is settled.
 *
 * @public
 */
export interface Talk {
  /** The number of the client, from 1, over all processes. */
  readonly client: number
  /** The value of a variable of the scenario, such as `token`, `users.name` or `env.HOME`. */
  readonly get: (name: string) => string | undefined
  /** Sets a variable for the steps that follow. */
  readonly set: (name: string, value: string) => void
  readonly send: (message: Message) => void
  /** The next message; the conversation fails where none comes within the scenario's `timeout`. */
  readonly receive: () => Promise<Message>
}

/** The default export of a script. */
export type Script = (talk: Talk) => unknown

/** The requests of a script to its client. */
interface TalkHost extends Pick<Talk, "client" | "get" | "set" | "send"> {
  /** A message was taken that came at a time of the run's clock. */
  readonly took: (arrived: Arrived) => void
  /** The script waits for a message. */
  readonly waits: () => void
}

/** Gives messages to a script in their order, when it asks for one. */
export class ScriptedTalk {
  readonly talk: Talk
  readonly #host: TalkHost
  readonly #early: Backlog
  #waiting: ((message: Message) => void) | undefined

  constructor(host: TalkHost, early: Backlog) {
    this.#host = host
    this.#early = early
    const { client, get, send, set } = host
    this.talk = { client, get, set, send, receive: () => this.#receive() }
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined
  }

  deliver(arrived: Arrived): void {
    const waiting = this.#waiting
    if (waiting === undefined) return this.#early.add(arrived.message, arrived.at)
    this.#waiting = undefined
    this.#host.took(arrived)
    waiting(arrived.message)
  }

  #receive(): Promise<Message> {
    if (this.#waiting !== undefined) return Promise.reject(new Error("receive was called while it waits already"))
    const next = this.#early.take()
    if (next !== undefined) {
      this.#host.took(next)
      return Promise.resolve(next.message)
    }
    return new Promise((resolve) => {
      this.#waiting = resolve
      this.#host.waits()
    })
  }
}
