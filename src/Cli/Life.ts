/** `life`: the distributed Game of Life; and `life patterns`: its library. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { gameOptions, runOptions } from "./GameOptions.ts"

const serverOptions = {
  url: Options.text("url").pipe(
    Options.withDescription("The relay server."),
    Options.withDefault("ws://localhost:8000")
  ),
  resume: Options.boolean("resume").pipe(
    Options.withDescription("Take over the cells of a game whose process died, instead of starting another.")
  ),
  token: Options.redacted("token").pipe(
    Options.withFallbackConfig(Config.redacted("EFFECT_C10K_TOKEN")),
    Options.withDescription(
      "What the server was started with as --token. EFFECT_C10K_TOKEN in the environment does the same."
    ),
    Options.optional
  ),
  ca: Options.text("ca").pipe(
    Options.withDescription("File with certificates (PEM) to trust instead of the system's, for wss: urls."),
    Options.optional
  )
}

const options = { ...gameOptions, ...runOptions, ...serverOptions }

export type LifeOptions = Command.Command.ParseConfig<typeof options>

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
