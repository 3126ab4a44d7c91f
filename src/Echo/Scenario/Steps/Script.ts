import * as Schema from "effect/Schema"
import type { Message } from "../../../WebSocket/Frames/Message.ts"
import * as ConversationFailure from "../ConversationFailure.ts"
import type { Runner, State } from "../Op.ts"
import { type Script, ScriptedConversation } from "../ScriptedConversation.ts"
import { field, type Own, type StepParts } from "./StepParts.ts"

export const { field: script } = field(
  Schema.String,
  "A file of JavaScript or TypeScript whose default export holds the conversation"
)

export const isScript = (value: unknown): value is Script => typeof value === "function"

/** Lets the function of a file have the conversation until its promise is settled. */
const talk = (client: Runner, file: string, { label, number }: Own, timeout: number): void => {
  const { connection, messages, now, values } = client
  const isRunning = () => client.state === scripted
  const stay = (milliseconds: number) => {
    if (isRunning()) client.extend(now() + milliseconds + timeout)
  }
  const conversation: ScriptedConversation = new ScriptedConversation(
    {
      client: values.client,
      get: (name) => values.value(name),
      set: (name, value) => values.set(name, value),
      send: (message: Message) => {
        if (connection.link === undefined || !isRunning()) throw new Error("the conversation is over")
        messages.sendScripted({ step: number }, message)
        if (!conversation.isWaiting) stay(0)
      },
      took: (arrived) => {
        stay(0)
        messages.took(arrived)
      },
      waits: () => {
        if (connection.link === undefined) connection.endByClose()
        else stay(0)
      },
      waitsFor: stay
    },
    { take: () => messages.takeEarly(), add: (arrived) => messages.keepEarly(arrived) }
  )
  const scripted: State = {
    _tag: "Scripted",
    onMessage: (_, arrived) => conversation.deliver(arrived),
    onDeadline: () => client.end(ConversationFailure.scriptTooLate(label, timeout, conversation.isWaiting)),
    // The script may have received all that it waits for, so it gets one more turn to end.
    onClose: (_, close) =>
      connection.closedDuring(close, () => {
        if (isRunning() && conversation.isWaiting) connection.endByClose()
      })
  }
  client.until(scripted, now() + timeout)
  const script = client.scriptOf(file)
  // The script may send before this returns; its end is always reported later.
  void new Promise((resolve) => resolve(isScript(script) ? script(conversation.talk) : undefined)).then(
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
