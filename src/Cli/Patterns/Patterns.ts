/** `life patterns`: lists and shows the pattern library. */
import * as Effect from "effect/Effect"
import * as CliCommand from "../CliCommand.ts"
import { words } from "../Commands.ts"
import * as Flag from "../Flag.ts"

const handler = Effect.promise(() => import("./PatternsHandler.ts"))

export const patterns = CliCommand.make(words.patterns, {}, () => Effect.flatMap(handler, ({ list }) => list))

export const show = CliCommand.make(
  words.show,
  { name: Flag.argument("name", "The pattern's name, as `life patterns` lists it.", "pattern") },
  ({ name }) => Effect.flatMap(handler, ({ show }) => show(name))
)
