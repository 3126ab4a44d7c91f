import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Comparison from "../../../Echo/Report/Comparison.ts"
import * as ComparisonText from "../../../Echo/Report/ComparisonText.ts"
import { EndWith } from "../../ExitStatus.ts"
import * as OptionFile from "../../OptionFile.ts"
import * as Output from "../../Output.ts"
import { UserError } from "../../UserError.ts"
import type { CompareOptions } from "./CompareOptions.ts"

const GOT_WORSE = 99

const read = Effect.fn("CompareHandler.read")(function* (file: string) {
  const text = yield* OptionFile.readArgument(file)
  return yield* Either.mapLeft(Comparison.parse(text), (message) => UserError.of(`${file}: ${message}`))
})

export const run = Effect.fn("compare")(function* ({ after, all, before, markdown, tolerance }: CompareOptions) {
  const comparison = Comparison.make(yield* read(before), yield* read(after), { all, tolerance })
  yield* Output.result(
    ...(markdown ? ComparisonText.markdown(comparison, [before, after]) : ComparisonText.text(comparison))
  )
  if (Comparison.isWorse(comparison)) return yield* new EndWith({ status: GOT_WORSE })
})
