import type * as Flag from "../Flag.ts"
import { gameOptions, runOptions } from "../Game/GameOptions.ts"
import { allowHost, host, port } from "../Serve/ServeOptions.ts"

/** The options of `demo`: where to listen, and the options of the game. */
export const options = { host, port, allowHost, ...gameOptions, ...runOptions }

export type DemoOptions = Flag.Given<typeof options>
