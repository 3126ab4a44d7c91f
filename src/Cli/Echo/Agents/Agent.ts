/** `echo agent`: runs shares of load tests for `echo --agents`. */
import * as Effect from "effect/Effect"
import * as CliCommand from "../../CliCommand.ts"
import { options } from "./AgentOptions.ts"

export const agent = CliCommand.make("echo agent", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./AgentHandler.ts")),
    ({ run }) => run(given)
  )
)
