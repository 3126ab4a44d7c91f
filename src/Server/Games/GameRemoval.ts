/** Removes the logs of games that have ended or are in no list. A file of its own: its test needs no server. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Runtime from "effect/Runtime"
import * as Schedule from "effect/Schedule"
import { Logs } from "../../Log/Log.ts"
import type { LogError } from "../../Log/LogError.ts"
import { GatheredLines, listOf } from "../../Text/GatheredLines.ts"
import { nameOfLog } from "./GameName.ts"
import type { EndedGame, Lobby, LobbyEvent } from "./Lobby.ts"

/**
 * The time from a game's end until its log is removed. By then all nodes have closed the game. Each node adds a part of
 * the spread, so that usually one of them has removed it before the others try.
 */
const REMOVAL = 5000
const REMOVAL_SPREAD = 5000
const REMOVAL_RETRY = "5 seconds"

export const make = Effect.fnUntraced(function* (
  lobby: Pick<Lobby, "hasLog" | "isRemoving">,
  append: (event: LobbyEvent) => void
) {
  const logs = yield* Logs
  const scope = yield* Effect.scope
  const runFork = Runtime.runFork(yield* Effect.runtime())
  /** The logs that this node is about to remove. */
  const due = new Set<string>()
  const lines = yield* GatheredLines.make<string>((why, names) => {
    const which = names.length === 1 ? "log of the game" : "logs of the games"
    return `The ${which} ${listOf(names)} can't be removed yet: ${why}`
  })
  const removeLog = (log: string, name: string, isDue: () => boolean) => {
    let trouble = ""
    // A line for each reason, and not for each attempt.
    const note = ({ detail }: LogError) => {
      if (detail !== trouble) lines.add(detail, name)
      trouble = detail
    }
    return Effect.suspend(() => (isDue() ? logs.remove(log) : Effect.void)).pipe(
      Effect.tapError((error) => Effect.sync(() => note(error))),
      Effect.retry(Schedule.spaced(REMOVAL_RETRY))
    )
  }
  const remove = Effect.fnUntraced(function* (game: EndedGame, wasUsed: boolean) {
    const { log, made, name } = game
    const spread = logs.isShared ? yield* Random.nextIntBetween(0, REMOVAL_SPREAD) : 0
    yield* Effect.sleep(REMOVAL + spread)
    yield* removeLog(log, name, () => (wasUsed && !lobby.hasLog(log)) || lobby.isRemoving(game))
    due.delete(log)
    if (lobby.isRemoving(game)) append({ type: "removed", name, made })
  })
  /**
   * Removes the log of a game, unless another node was faster. `wasUsed`: this node had the log open. It may have been frozen
   * when another one removed the log, and have made it anew when it was back, so it removes it in any case, unless the list
   * has this game again.
   */
  const begin = (game: EndedGame, wasUsed: boolean): void => {
    if (due.has(game.log) && !wasUsed) return
    due.add(game.log)
    runFork(Effect.forkIn(remove(game, wasUsed), scope))
  }
  /**
   * Removes those of these logs that are games' and that no list has: the list was lost while no node ran. They must have
   * existed before the list was read to its end.
   */
  const unlisted = Effect.fnUntraced(function* (all: ReadonlyArray<string>) {
    const found = all.flatMap((log) => {
      const name = nameOfLog(log)
      return name === undefined || lobby.hasLog(log) ? [] : [{ log, name }]
    })
    if (found.length === 0) return
    const names = listOf(found.map(({ name }) => name))
    yield* Effect.logWarning(`No list has the logs of these games, so they are removed: ${names}`)
    for (const { log, name } of found) {
      const removal = Effect.delay(
        removeLog(log, name, () => !lobby.hasLog(log)),
        REMOVAL
      )
      yield* Effect.forkIn(removal, scope)
    }
  })
  return { begin, unlisted }
})
