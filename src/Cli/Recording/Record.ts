/** `life record`: records a server's game to a file. */
import * as Effect from "effect/Effect"
import * as CliCommand from "../CliCommand.ts"
import { options } from "./RecordOptions.ts"

export const record = CliCommand.make("life record", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./RecordHandler.ts")),
    (handler) => handler.run(given)
  )
)
