/** `life patterns`: lists and shows the pattern library. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { descriptions } from "../Descriptions.ts"

const show = Command.make("show", { name: Args.text({ name: "name" }) }, ({ name }) =>
  Effect.flatMap(
    Effect.promise(() => import("./PatternsHandler.ts")),
    (handler) => handler.show(name)
  )
).pipe(Command.withDescription(descriptions.show))

export const patterns = Command.make("patterns", {}, () =>
  Effect.flatMap(
    Effect.promise(() => import("./PatternsHandler.ts")),
    (handler) => handler.list
  )
).pipe(Command.withDescription(descriptions.patterns), Command.withSubcommands([show]))
