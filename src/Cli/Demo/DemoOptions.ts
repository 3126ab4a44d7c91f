import type * as Command from "@effect/cli/Command"
import { gameOptions, runOptions } from "../Game/GameOptions.ts"
import { allowHost, host, port } from "../Serve/ServeOptions.ts"

/** The options of `demo`: where to listen, and the options of the game. */
export const options = { host, port, allowHost, ...gameOptions, ...runOptions }

export type DemoOptions = Command.Command.ParseConfig<typeof options>
