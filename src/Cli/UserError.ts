import * as Schema from "effect/Schema"

/** An error that the user can correct. It is reported in one line, without a stack trace. */
export class UserError extends Schema.TaggedError<UserError>()("UserError", { message: Schema.String }) {
  static readonly of = (message: string): UserError => new UserError({ message })
}
