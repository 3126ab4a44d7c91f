/** Reads a rule that a user has written. The error says which part is wrong. */
import * as Either from "effect/Either"
import * as Printable from "./Printable.ts"
import type * as Rule from "./Rule.ts"
import * as RuleSyntax from "./RuleSyntax.ts"

/** A rule cannot be read. A plain class, because the page has it too, without Effect's schemas. */
export class RuleError extends Error {
  readonly _tag = "RuleError"
  override readonly name = "RuleError"
  readonly text: string
  readonly reason: string

  constructor({ reason, text }: { readonly text: string; readonly reason: string }) {
    super(
      `Rule ${Printable.quote(text)}: ${reason}. Write it like B3/S23, 23/3, B2-a/S12 or 345/2/4 (survival, birth, states), or by name: ${Object.keys(RuleSyntax.names).join(", ")}`
    )
    this.text = text
    this.reason = reason
  }
}

export const format = RuleSyntax.format

export const parse = (text: string): Either.Either<Rule.Rule, RuleError> =>
  Either.mapLeft(RuleSyntax.read(text), (reason) => new RuleError({ text, reason }))
