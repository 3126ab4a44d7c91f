/** `life patterns`: lists and shows the pattern library. */
import * as Effect from "effect/Effect"
import * as CliCommand from "../CliCommand.ts"
import * as Flag from "../Flag.ts"

const handler = Effect.promise(() => import("./PatternsHandler.ts"))

export const patterns = CliCommand.make("life patterns", {}, () => Effect.flatMap(handler, ({ list }) => list))

export const show = CliCommand.make(
  "life patterns show",
  { name: Flag.argument("name", "The pattern's name, as `life patterns` lists it.", "pattern") },
  ({ name }) => Effect.flatMap(handler, ({ show }) => show(name))
)
