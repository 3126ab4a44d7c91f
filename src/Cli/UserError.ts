import * as Schema from "effect/Schema"

/** What the user can mend: told in one line, without a stack trace; exit status 1 unless another is given. */
export class UserError extends Schema.TaggedError<UserError>()("UserError", {
  message: Schema.String,
  exitStatus: Schema.optionalWith(Schema.Number, { exact: true })
}) {}
