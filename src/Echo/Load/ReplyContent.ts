import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { Recorder } from "../Measure/Recorder.ts"
import type { Case, Op } from "../Scenario/Op.ts"
import * as Stamp from "../Scenario/Stamp.ts"
import type { ClientValues } from "./ClientValues.ts"
import * as ConversationFailure from "./ConversationFailure.ts"

/** The clock of a run, in milliseconds, and its figures. */
interface Measured {
  readonly now: () => number
  readonly recorder: Recorder
}

/** Captures the variables of a message and records its delivery time until `at`. Returns a failure if the message lacks a part for this. */
export const take = (
  op: Op & { readonly _tag: "Expect" },
  { captures, stamp }: Case,
  message: Message,
  at: number,
  values: ClientValues,
  { now, recorder }: Measured
): Failure | undefined => {
  for (const { from, name, read } of captures) {
    const value = read(message)
    if (value === undefined) return ConversationFailure.notCaptured(op, name, from, message)
    values.set(name, value)
  }
  if (stamp === undefined) return undefined
  const time = Stamp.since(stamp(message) ?? "") - (now() - at)
  if (Number.isNaN(time)) return ConversationFailure.notStamped(op, message)
  recorder.named.record("delivery", Math.max(0, time))
  return undefined
}
