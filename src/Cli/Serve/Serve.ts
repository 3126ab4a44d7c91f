/** `serve`: the relay server. */
import * as Effect from "effect/Effect"
import * as CliCommand from "../CliCommand.ts"
import { words } from "../Commands.ts"
import { options } from "./ServeOptions.ts"

export const serve = CliCommand.make(words.serve, options, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("./ServeHandler.ts")),
    ({ run }) => run(options)
  )
)
