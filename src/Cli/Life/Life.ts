/** `life`: the distributed Game of Life. */
import * as Effect from "effect/Effect"
import * as CliCommand from "../CliCommand.ts"
import { options } from "./LifeOptions.ts"

export const life = CliCommand.make("life", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./LifeHandler.ts")),
    (handler) => handler.run(given)
  )
)
