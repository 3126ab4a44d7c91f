import { sleep } from "../../Time/Timer.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Arrived } from "./Op.ts"

/**
 * The conversation that a user's script runs, until the script's promise is settled. `docs/echo.md` describes scripts.
 *
 * @public
 */
export interface ScriptConversation {
  /** The number of the client, from 1, over all processes. */
  readonly client: number
  /** The value of a variable of the scenario, such as `token`, `users.name` or `env.HOME`. */
  readonly get: (name: string) => string | undefined
  /** Sets a variable for the steps that follow. */
  readonly set: (name: string, value: string) => void
  readonly send: (message: Message) => void
  /** Waits for the next message. The conversation fails if none comes within the scenario's `timeout`. Rejects if it is called while it waits already. */
  readonly receive: () => Promise<Message>
  /**
   * Waits for this many milliseconds. A script that neither sends nor receives nor waits in this way for longer than the
   * scenario's `timeout` has failed.
   */
  readonly wait: (milliseconds: number) => Promise<void>
}

/** The default export of a script. The conversation continues when the returned promise resolves and fails when it rejects. */
export type Script = (talk: ScriptConversation) => unknown

interface ConversationHost extends Pick<ScriptConversation, "client" | "get" | "set" | "send"> {
  readonly took: (arrived: Arrived) => void
  /** The script begins to wait for a message. */
  readonly waits: () => void
  readonly waitsFor: (milliseconds: number) => void
}

/** The messages that came while nobody took them. */
interface Early {
  readonly take: () => Arrived | undefined
  readonly add: (arrived: Arrived) => void
}

/** Gives a script the messages in order, one for each call of `receive`. */
export class ScriptedConversation {
  readonly talk: ScriptConversation
  readonly #host: ConversationHost
  readonly #early: Early
  #waiting: ((message: Message) => void) | undefined

  constructor(host: ConversationHost, early: Early) {
    this.#host = host
    this.#early = early
    const { client, get, send, set } = host
    const wait = (milliseconds: number): Promise<void> => {
      host.waitsFor(milliseconds)
      // A run that is over does not wait for its scripts.
      return sleep(milliseconds)
    }
    this.talk = { client, get, set, send, receive: () => this.#receive(), wait }
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined
  }

  deliver(arrived: Arrived): void {
    const waiting = this.#waiting
    if (waiting === undefined) return this.#early.add(arrived)
    this.#waiting = undefined
    this.#host.took(arrived)
    waiting(arrived.message)
  }

  #receive(): Promise<Message> {
    if (this.#waiting !== undefined)
      return Promise.reject(new Error("receive was called again before the last call returned"))
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
