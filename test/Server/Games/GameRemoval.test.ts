import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { Logs } from "../../../src/Log/Log.ts"
import { LogError } from "../../../src/Log/LogError.ts"
import * as GameRemoval from "../../../src/Server/Games/GameRemoval.ts"
import type { KnownGame, LobbyEvent } from "../../../src/Server/Games/Lobby.ts"

const game = { name: "g", made: 7 }

/** What a node removes and says of a game that has ended, after the first `failures` attempts. */
const removed = Effect.fnUntraced(function* (isRemoving: boolean, wasUsed: boolean, failures = 0, listed?: KnownGame) {
  const names: Array<string> = []
  const said: Array<LobbyEvent> = []
  let left = failures
  const remove = (name: string) =>
    Effect.suspend(() => {
      if (left-- > 0) return new LogError({ reason: "Unreachable", detail: "away" })
      return Effect.sync(() => void names.push(name))
    })
  const logs = Logs.of({ isShared: true, open: () => Effect.never, scan: () => Effect.never, remove })
  const removing = { isRemoving: () => isRemoving, find: () => listed }
  const begin = yield* Effect.provideService(
    GameRemoval.make(removing, (event) => said.push(event)),
    Logs,
    logs
  )
  begin(game, wasUsed)
  yield* TestClock.adjust("4 seconds")
  assert.isEmpty(names)
  yield* TestClock.adjust("1 minute")
  return { names, said }
})

it.scoped("a game that has ended leaves no log, which is removed again when the engine is back", () =>
  Effect.gen(function* () {
    const all = { names: ["g-g-7"], said: [{ type: "removed" as const, ...game }] }
    assert.deepStrictEqual(yield* removed(true, true), all)
    assert.deepStrictEqual(yield* removed(true, false, 3), all)
  })
)

it.scoped(
  "a game's log that another node has removed is removed again only by a node that had it open, and may have made it anew",
  () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* removed(false, false), { names: [], said: [] })
      assert.deepStrictEqual(yield* removed(false, true), { names: ["g-g-7"], said: [] })
    })
)

it.scoped("a game that is in the list again, after a part of the list was lost, keeps its log", () =>
  Effect.gen(function* () {
    const again = { ...game, width: 1, height: 1, users: [], idleSince: 9 }
    assert.deepStrictEqual(yield* removed(false, true, 0, again), { names: [], said: [] })
    const another = { ...again, made: 8 }
    assert.deepStrictEqual(yield* removed(false, true, 0, another), { names: ["g-g-7"], said: [] })
  })
)
