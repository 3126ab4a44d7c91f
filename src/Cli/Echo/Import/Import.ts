/** `echo import`: converts the script of another tool to a scenario. */
import * as Effect from "effect/Effect"
import * as CliCommand from "../../CliCommand.ts"
import { options } from "./ImportOptions.ts"

export const importScript = CliCommand.make("echo import", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./ImportHandler.ts")),
    ({ run }) => run(given)
  )
)
