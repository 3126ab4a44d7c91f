/** Reads a rule that a user has written. The error says which part is wrong. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Printable from "./Printable.ts"
import type * as Rule from "./Rule.ts"
import * as RuleSyntax from "./RuleSyntax.ts"

export class RuleError extends Schema.TaggedError<RuleError>()("RuleError", {
  text: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `Rule ${Printable.quote(this.text)}: ${this.reason}. Write it like B3/S23, 23/3, B2-a/S12 or 345/2/4 (survival, birth, states), or by name: ${Object.keys(RuleSyntax.names).join(", ")}`
  }
}

export const format = RuleSyntax.format

export const parse = (text: string): Either.Either<Rule.Rule, RuleError> =>
  Either.mapLeft(RuleSyntax.read(text), (reason) => new RuleError({ text, reason }))
