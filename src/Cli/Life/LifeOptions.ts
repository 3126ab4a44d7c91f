import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Config from "effect/Config"
import { gameOptions, runOptions } from "../Game/GameOptions.ts"

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

/** The options of `life`. */
export const options = { ...gameOptions, ...runOptions, ...serverOptions }

export type LifeOptions = Command.Command.ParseConfig<typeof options>
