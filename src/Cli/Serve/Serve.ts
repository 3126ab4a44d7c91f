/** `serve`: the relay server. */
import * as Effect from "effect/Effect"
import * as CliCommand from "../CliCommand.ts"
import { options } from "./ServeOptions.ts"

export const serve = CliCommand.make("serve", options, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("./ServeHandler.ts")),
    ({ run }) => run(options)
  )
)
