/** `echo compare`: compares two runs. */
import * as Effect from "effect/Effect"
import * as CliCommand from "../../CliCommand.ts"
import { options } from "./CompareOptions.ts"

export const compare = CliCommand.make("echo compare", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./CompareHandler.ts")),
    ({ run }) => run(given)
  )
)
