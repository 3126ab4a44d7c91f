/**
 * Removes the logs of games that have ended. A file of its own because its test drives it without a server.
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Runtime from "effect/Runtime"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { Logs } from "../../Log/Log.ts"
import { logOf } from "./GameName.ts"
import type { KnownGame, Lobby, LobbyEvent } from "./Lobby.ts"

type Ended = Pick<KnownGame, "made" | "name">

/**
 * The time from a game's end until its log is removed. By then all nodes have closed the game. Each node adds a part of
 * the spread, so that usually one of them has removed it before the others try.
 */
const REMOVAL = 5000
const REMOVAL_SPREAD = 5000
const REMOVAL_RETRY = "5 seconds"

/**
 * Returns a function that removes the log of a game, unless another node was faster. `wasUsed`: this node had the log open.
 * It may have been frozen when another one removed the log, and have made it anew when it was back, so it removes it in any
 * case, unless the list has this game again.
 */
export const make = (
  lobby: Pick<Lobby, "find" | "isRemoving">,
  append: (event: LobbyEvent) => void
): Effect.Effect<(game: Ended, wasUsed: boolean) => void, never, Logs | Scope.Scope> =>
  Effect.gen(function* () {
    const logs = yield* Logs
    const scope = yield* Effect.scope
    const runFork = Runtime.runFork(yield* Effect.runtime())
    const remove = Effect.fnUntraced(function* ({ made, name }: Ended, wasUsed: boolean) {
      const spread = logs.isShared ? yield* Random.nextIntBetween(0, REMOVAL_SPREAD) : 0
      yield* Effect.sleep(REMOVAL + spread)
      const isDue = () => (wasUsed && lobby.find(name)?.made !== made) || lobby.isRemoving(made)
      yield* Effect.retry(
        Effect.suspend(() => (isDue() ? logs.remove(logOf(name, made)) : Effect.void)),
        Schedule.spaced(REMOVAL_RETRY)
      )
      if (lobby.isRemoving(made)) append({ type: "removed", name, made })
    })
    return (game, wasUsed) => void runFork(Effect.forkIn(remove(game, wasUsed), scope))
  })
