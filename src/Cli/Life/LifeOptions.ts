import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Config from "effect/Config"
import { gameOptions, runOptions } from "../Game/GameOptions.ts"
import * as OptionKinds from "../OptionKinds.ts"

const serverOptions = {
  url: OptionKinds.text("url", "URL", "The relay server. (default: ws://localhost:8000)").pipe(
    Options.withDefault("ws://localhost:8000")
  ),
  resume: OptionKinds.flag(
    "resume",
    "Take over the cells of a game whose process died, instead of starting a new game."
  ),
  token: Options.redacted("token").pipe(
    Options.withPseudoName("SECRET"),
    Options.withFallbackConfig(Config.redacted("EFFECT_C10K_TOKEN")),
    Options.withDescription("The secret that the server expects (its --token). The default is EFFECT_C10K_TOKEN."),
    Options.optional
  ),
  ca: OptionKinds.optionalText(
    "ca",
    "FILE",
    "For wss: URLs: certificates (PEM) to trust instead of those of the system."
  )
}

/** The options of `life`. */
export const options = { ...gameOptions, ...runOptions, ...serverOptions }

export type LifeOptions = Command.Command.ParseConfig<typeof options>
