import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** What the user can mend: told in one line, without a stack trace; exit status 1 unless another is given. */
export class UserError extends Schema.TaggedError<UserError>()("UserError", {
  message: Schema.String,
  exitStatus: Schema.optionalWith(Schema.Number, { exact: true })
}) {}

/** For errors whose message is such a line. */
export const asUserError = <A, E extends { readonly message: string }, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, UserError, R> => Effect.mapError(effect, ({ message }) => new UserError({ message }))
