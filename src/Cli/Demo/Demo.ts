/** `demo`: server and game in one command. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { descriptions } from "../Descriptions.ts"
import { options } from "./DemoOptions.ts"

export const demo = Command.make("demo", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./DemoHandler.ts")),
    (handler) => handler.run(given)
  )
).pipe(Command.withDescription(descriptions.demo))
