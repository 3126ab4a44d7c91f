/** `echo compare`: compares two runs. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { descriptions } from "../../Descriptions.ts"
import { options } from "./CompareOptions.ts"

export const compare = Command.make("compare", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./CompareHandler.ts")),
    ({ run }) => run(given)
  )
).pipe(
  Command.withDescription(
    `${descriptions.compare}. Exit status: 0 nothing got worse, 1 a file is wrong, 99 something got worse.`
  )
)
