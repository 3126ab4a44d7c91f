import * as Schema from "effect/Schema"

/** What the user can mend, of the command line's own: told in one line, without a stack trace. */
export class UserError extends Schema.TaggedError<UserError>()("UserError", { message: Schema.String }) {}
