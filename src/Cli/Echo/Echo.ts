import * as Effect from "effect/Effect"
import * as CliCommand from "../CliCommand.ts"
import { words } from "../Commands.ts"
import { options } from "./EchoOptions.ts"

/** `effect-c10k echo`. The load tester itself is loaded when it is used, so that other commands start fast. */
export const echo = CliCommand.make(words.echo, options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./EchoHandler.ts")),
    ({ run }) => run(given)
  )
)
