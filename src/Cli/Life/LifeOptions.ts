import * as Kind from "../../Text/Kind.ts"
import * as Flag from "../Flag.ts"
import { gameOptions, runOptions } from "../Game/GameOptions.ts"

const MAX_PROCESSES = 1000

const serverOptions = {
  ...Flag.group("The server", {
    url: Flag.text("url", "URL", "The relay server.").pipe(Flag.withDefault("ws://localhost:8000")),
    token: Flag.secret("token", "The secret that the server expects (its --token).").pipe(
      Flag.withVariable("EFFECT_C10K_TOKEN"),
      Flag.optional
    ),
    ca: Flag.optionalText("ca", "FILE", "For wss: URLs: certificates (PEM) to trust instead of those of the system."),
    resume: Flag.flag("resume", "Take over the cells of a game whose process died, instead of starting a new game.")
  }),
  ...Flag.group("This machine", {
    processes: Flag.value(
      "processes",
      Kind.whole(1, MAX_PROCESSES),
      "Processes that share the cells. Each may have as many connections as it has descriptors."
    ).pipe(Flag.withDefault(1))
  })
}

export const options = { ...serverOptions, ...gameOptions, ...runOptions }

export type LifeOptions = Flag.Given<typeof options>
