/** `echo compare`: compares two runs. */
import * as Effect from "effect/Effect"
import * as CliCommand from "../../CliCommand.ts"
import { words } from "../../Commands.ts"
import { options } from "./CompareOptions.ts"

export const compare = CliCommand.make(words.compare, options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./CompareHandler.ts")),
    ({ run }) => run(given)
  )
)
