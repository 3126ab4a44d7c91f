import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { Op } from "../Scenario/Op.ts"
import type { Backlog } from "./Backlog.ts"
import type { ClientValues } from "./ClientValues.ts"
import * as ConversationFailure from "./ConversationFailure.ts"
import { type Script, ScriptedTalk } from "./Talk.ts"

/** The actions of a script on its client. */
interface TalkHandler {
  /** Throws where the conversation is over. */
  readonly send: (message: Message) => void
  /** A message was taken that came at `at`, in milliseconds of the run's clock. */
  readonly took: (at: number) => void
  /** The script waits for a message. */
  readonly waits: () => void
}

/** How a script ends: its promise is settled. */
interface EndHandler {
  readonly onDone: () => void
  readonly onThrown: (failure: Failure) => void
}

/** The conversation of a client as a script has it; `early` has the messages that came before. */
export const talkOf = (values: ClientValues, early: Backlog, { send, took, waits }: TalkHandler): ScriptedTalk =>
  new ScriptedTalk(
    {
      client: values.client,
      get: (name) => values.value(name),
      set: (name, value) => values.set(name, value),
      send,
      took: ({ at }) => took(at),
      waits
    },
    early
  )

/** Runs the script of a step, which may send before this returns. Its end is told later. */
export const run = (
  op: Op & { readonly _tag: "Script" },
  scripts: ReadonlyMap<string, Script>,
  { talk }: ScriptedTalk,
  { onDone, onThrown }: EndHandler
): void => {
  void new Promise((resolve) => resolve(scripts.get(op.file)?.(talk))).then(onDone, (error: unknown) =>
    onThrown(ConversationFailure.thrown(op, error))
  )
}
