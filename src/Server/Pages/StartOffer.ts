/**
 * The patterns with which the watch page can start games. The server itself knows nothing of the Game of Life. A
 * program that does provides this service; without it, `/patterns.json` is not found.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { PatternList } from "../../Protocol/PatternList.ts"

export class StartOffer extends Context.Tag("effect-c10k/Server/StartOffer")<
  StartOffer,
  {
    /** Whether pages control the game over `/control/`. */
    readonly hasControl: boolean
    /** Whether the server plays a recording, which pages control over `/control/`. */
    readonly isReplay: boolean
    readonly list: Effect.Effect<PatternList>
  }
>() {}
