/** `echo record`: records the messages between a client and a server as a scenario. */
import * as Effect from "effect/Effect"
import * as CliCommand from "../../CliCommand.ts"
import { options } from "./RecordOptions.ts"

export const record = CliCommand.make("echo record", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./RecordHandler.ts")),
    ({ run }) => run(given)
  )
)
