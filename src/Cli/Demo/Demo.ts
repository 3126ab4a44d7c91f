/** `demo`: server and game in one command. */
import * as Effect from "effect/Effect"
import * as CliCommand from "../CliCommand.ts"
import { options } from "./DemoOptions.ts"

export const demo = CliCommand.make("demo", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./DemoHandler.ts")),
    (handler) => handler.run(given)
  )
)
