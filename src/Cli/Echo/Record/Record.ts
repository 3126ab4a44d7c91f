/** `echo record`: records the messages between a client and a server as a scenario. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { descriptions } from "../../Descriptions.ts"
import { options } from "./RecordOptions.ts"

export const record = Command.make("record", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./RecordHandler.ts")),
    ({ run }) => run(given)
  )
).pipe(
  Command.withDescription(
    `${descriptions.record}. Ctrl-C ends it. Exit status: 0 something was recorded, 1 nothing was, or a file or an option is wrong.`
  )
)
