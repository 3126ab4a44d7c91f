/** `demo`: server and game in one command. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { options } from "./DemoOptions.ts"

export const demo = Command.make("demo", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./DemoHandler.ts")),
    (handler) => handler.run(given)
  )
).pipe(
  Command.withDescription(
    "Run the server and a game on it in one command, to watch and control in a browser. Without a pattern: Kok's galaxy"
  )
)
