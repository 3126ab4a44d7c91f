/** `echo import`: converts the script of another tool to a scenario. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { descriptions } from "../../Descriptions.ts"
import { options } from "./ImportOptions.ts"

export const importScript = Command.make("import", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./ImportHandler.ts")),
    ({ run }) => run(given)
  )
).pipe(
  Command.withDescription(
    `${descriptions.import}, on standard output. Parts that cannot be converted are listed with their lines, and the exit status is 1.`
  )
)
