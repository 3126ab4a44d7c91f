/** The exit status of the program, which depends on how its main effect ended. */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { type Signal, statusOf } from "./Signals.ts"

/** Ends the program with a status and without a message, because the command has printed everything already. */
export class EndWith extends Schema.TaggedError<EndWith>()("EndWith", { status: Schema.Number }) {
  override get message(): string {
    return `exit status ${this.status}`
  }
}

/** 0 for success, 1 for a failure, the status of an `EndWith`, or 128 plus the number of the signal that interrupted the program. */
export const of = (exit: Exit.Exit<unknown, unknown>, signal: Signal | undefined): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.isInterruptedOnly(exit.cause)) return signal === undefined ? 1 : statusOf[signal]
  const error = Cause.squash(exit.cause)
  return error instanceof EndWith ? error.status : 1
}
