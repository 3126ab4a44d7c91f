import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { Op } from "../Scenario/Op.ts"
import type { Arrived, Backlog } from "./Backlog.ts"
import type { ClientValues } from "./ClientValues.ts"
import * as ConversationFailure from "./ConversationFailure.ts"
import { type Script, ScriptedConversation } from "./ScriptedConversation.ts"

/** What a script can do with its client. */
interface ConversationHandler {
  /** Throws if the conversation is over. */
  readonly send: (message: Message) => void
  /** The script has taken a message. */
  readonly took: (arrived: Arrived) => void
  /** The script begins to wait for a message. */
  readonly waits: () => void
  /** The script will do nothing for this many milliseconds. */
  readonly waitsFor: (milliseconds: number) => void
}

/** Called when the promise of a script is settled. */
interface EndHandler {
  readonly onDone: () => void
  readonly onThrown: (failure: Failure) => void
}

/** Makes the script's side of a conversation. `early` has the messages that have come already. */
export const conversationOf = (
  values: ClientValues,
  early: Backlog,
  { send, took, waits, waitsFor }: ConversationHandler
): ScriptedConversation =>
  new ScriptedConversation(
    {
      client: values.client,
      get: (name) => values.value(name),
      set: (name, value) => values.set(name, value),
      send,
      took,
      waits,
      waitsFor
    },
    early
  )

/** Runs the script of a step. The script may send before this returns; its end is always reported later. */
export const run = (
  op: Op & { readonly _tag: "Script" },
  scripts: ReadonlyMap<string, Script>,
  { talk }: ScriptedConversation,
  { onDone, onThrown }: EndHandler
): void => {
  void new Promise((resolve) => resolve(scripts.get(op.file)?.(talk))).then(onDone, (error: unknown) =>
    onThrown(ConversationFailure.thrown(op, error))
  )
}
