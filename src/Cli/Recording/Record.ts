/** `life record`: records a server's game to a file. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { descriptions } from "../Descriptions.ts"
import { options } from "./RecordOptions.ts"

export const record = Command.make("record", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./RecordHandler.ts")),
    (handler) => handler.run(given)
  )
).pipe(Command.withDescription(descriptions.recordGame))
