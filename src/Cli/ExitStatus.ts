/** The exit status of the program: what its main effect ended with, as a number. */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { type Signal, statusOf } from "./Signals.ts"

/** Ends the program with a status, without a message: the command has said what there is to say. */
export class EndWith extends Schema.TaggedError<EndWith>()("EndWith", { status: Schema.Number }) {
  override get message(): string {
    return `exit status ${this.status}`
  }
}

/** 0 for success, 128 and its number for a signal that cut the work short, 1 for a failure, or what `EndWith` says. */
export const of = (exit: Exit.Exit<unknown, unknown>, signal: Signal | undefined): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.isInterruptedOnly(exit.cause)) return signal === undefined ? 1 : statusOf[signal]
  const error = Cause.squash(exit.cause)
  return error instanceof EndWith ? error.status : 1
}
