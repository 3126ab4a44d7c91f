/** `life replay`: shows a recorded game in the browser, writes a step as a pattern, or checks the game. */
import * as Effect from "effect/Effect"
import * as CliCommand from "../CliCommand.ts"
import { options } from "./ReplayOptions.ts"

export const replay = CliCommand.make("life replay", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./ReplayHandler.ts")),
    (handler) => handler.run(given)
  )
)
