/** `life replay`: shows a recorded game in the browser, writes a step as a pattern, or checks the game. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { descriptions } from "../Descriptions.ts"
import { options } from "./ReplayOptions.ts"

export const replay = Command.make("replay", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./ReplayHandler.ts")),
    (handler) => handler.run(given)
  )
).pipe(Command.withDescription(descriptions.replay))
