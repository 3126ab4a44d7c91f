import * as Schema from "effect/Schema"

/**
 * The engine that keeps logs can't be used: `Unreachable` (nobody answers), `Refused` (it wants other credentials),
 * `Unable` (it keeps no logs), `OtherVersion` (a log that another version of this program made), `Full`, `Failed` (the
 * rest). `detail` is a line for people.
 */
export class LogError extends Schema.TaggedError<LogError>()("LogError", {
  reason: Schema.Literal("Unreachable", "Refused", "Unable", "OtherVersion", "Full", "Failed"),
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}
