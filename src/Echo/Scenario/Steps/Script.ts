import * as Schema from "effect/Schema"
import { sleep } from "../../../Time/Timer.ts"
import type { Message } from "../../../WebSocket/Frames/Message.ts"
import * as ConversationFailure from "../ConversationFailure.ts"
import type { Arrived, Runner, State } from "../Op.ts"
import { field, type Own, type StepParts } from "./StepParts.ts"

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

export const { field: script } = field(
  Schema.String,
  "A file of JavaScript or TypeScript whose default export holds the conversation"
)

export const isScript = (value: unknown): value is Script => typeof value === "function"

/** Lets the function of a file have the conversation until its promise is settled. */
const talk = (client: Runner, file: string, { label, number }: Own, timeout: number): void => {
  const { connection, messages, now, values } = client
  let waiting: ((message: Message) => void) | undefined
  const isRunning = () => client.state === scripted
  const stay = (milliseconds: number) => {
    if (isRunning()) client.extend(now() + milliseconds + timeout)
  }
  const take = (arrived: Arrived): Message => {
    stay(0)
    messages.took(arrived)
    return arrived.message
  }
  const conversation: ScriptConversation = {
    client: values.client,
    get: (name) => values.value(name),
    set: (name, value) => values.set(name, value),
    send: (message) => {
      if (connection.link === undefined || !isRunning()) throw new Error("the conversation is over")
      messages.sendScripted({ step: number }, message)
      if (waiting === undefined) stay(0)
    },
    receive: () => {
      if (waiting !== undefined)
        return Promise.reject(new Error("receive was called again before the last call returned"))
      const next = messages.takeEarly()
      if (next !== undefined) return Promise.resolve(take(next))
      return new Promise((resolve) => {
        waiting = resolve
        if (connection.link === undefined) connection.endByClose()
        else stay(0)
      })
    },
    wait: (milliseconds) => {
      stay(milliseconds)
      // A run that is over does not wait for its scripts.
      return sleep(milliseconds)
    }
  }
  const scripted: State = {
    _tag: "Scripted",
    onMessage: (_, arrived) => {
      const resolve = waiting
      if (resolve === undefined) return messages.keepEarly(arrived)
      waiting = undefined
      resolve(take(arrived))
    },
    onDeadline: () => client.end(ConversationFailure.scriptTooLate(label, timeout, waiting !== undefined)),
    // The script may have received all that it waits for, so it gets one more turn to end.
    onClose: (_, close) =>
      connection.closedDuring(close, () => {
        if (isRunning() && waiting !== undefined) connection.endByClose()
      })
  }
  client.until(scripted, now() + timeout)
  const script = client.scriptOf(file)
  // The script may send before this returns; its end is always reported later.
  void new Promise((resolve) => resolve(isScript(script) ? script(conversation) : undefined)).then(
    () => {
      if (isRunning()) client.next()
    },
    (error: unknown) => {
      if (isRunning()) client.end(ConversationFailure.thrown(label, error, file))
    }
  )
}

export const of = <S>(file: string): StepParts<S> => ({
  kind: "script",
  pauses: true,
  sends: Number.NaN,
  longest: () => Infinity,
  compile: ({ add, options: { timeout } }, own) =>
    add({ _tag: "Script", step: own.label, takesAny: true, run: (client) => talk(client, file, own, timeout) })
})
