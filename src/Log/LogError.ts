import * as Schema from "effect/Schema"

/**
 * The engine that keeps logs can't be used: `Unreachable` (it does not answer), `Refused` (it expects other
 * credentials), `Unable` (it keeps no logs), `OtherVersion` (another version of this program made the log), `Full`,
 * `Failed` (any other reason). `detail` is one line for people.
 */
export class LogError extends Schema.TaggedError<LogError>()("LogError", {
  reason: Schema.Literal("Unreachable", "Refused", "Unable", "OtherVersion", "Full", "Failed"),
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}
