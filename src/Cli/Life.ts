/** `life`: the distributed Game of Life; and `life patterns`: its library. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { options } from "./LifeOptions.ts"

const show = Command.make("show", { name: Args.text({ name: "name" }) }, ({ name }) =>
  Effect.flatMap(
    Effect.promise(() => import("./PatternsHandler.ts")),
    (handler) => handler.show(name)
  )
).pipe(Command.withDescription("Draw a pattern of the library in the terminal, with what is known of it"))

const patterns = Command.make("patterns", {}, () =>
  Effect.flatMap(
    Effect.promise(() => import("./PatternsHandler.ts")),
    (handler) => handler.list
  )
).pipe(
  Command.withDescription("List the library: name, size, kind, period or lifespan, title"),
  Command.withSubcommands([show])
)

export const life = Command.make("life", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./LifeHandler.ts")),
    (handler) => handler.run(given)
  )
).pipe(
  Command.withDescription("Run a Game of Life in which every cell is a WebSocket client of a relay server"),
  Command.withSubcommands([patterns])
)
