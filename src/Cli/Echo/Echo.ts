import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { descriptions } from "../Descriptions.ts"
import { options } from "./EchoOptions.ts"

/** `effect-c10k echo`. The load tester itself is loaded when it is used, so that other commands start fast. */
export const echo = Command.make("echo", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./EchoHandler.ts")),
    ({ run }) => run(given)
  )
).pipe(
  Command.withDescription(
    `${descriptions.echo}. Exit status: 0 success, 1 something failed, 99 a threshold failed, 130 interrupted.`
  )
)
