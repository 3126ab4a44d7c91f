/** `echo agent`: runs shares of load tests for `echo --agents`. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { descriptions } from "../../Descriptions.ts"
import { options } from "./AgentOptions.ts"

export const agent = Command.make("agent", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./AgentHandler.ts")),
    ({ run }) => run(given)
  )
).pipe(
  Command.withDescription(
    `${descriptions.agent}. An agent runs one share at a time, on one processor: start as many as the machine has processors. Ctrl-C ends it.`
  )
)
