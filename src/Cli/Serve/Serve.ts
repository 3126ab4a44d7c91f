/** `serve`: the relay server. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { descriptions } from "../Descriptions.ts"
import { options } from "./ServeOptions.ts"

export const serve = Command.make("serve", options, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("./ServeHandler.ts")),
    ({ run }) => run(options)
  )
).pipe(Command.withDescription(descriptions.serve))
