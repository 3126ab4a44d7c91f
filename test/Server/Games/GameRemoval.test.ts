import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { Logs } from "../../../src/Log/Log.ts"
import { LogError } from "../../../src/Log/LogError.ts"
import * as GameRemoval from "../../../src/Server/Games/GameRemoval.ts"
import type { LobbyEvent } from "../../../src/Server/Games/Lobby.ts"

const game = { name: "g", made: 7, log: "g-g-1" }

const logs = (remove: (name: string) => Effect.Effect<void, LogError>) =>
  Logs.of({ isShared: true, open: () => Effect.never, names: Effect.never, scan: () => Effect.never, remove })

const away = new LogError({ reason: "Unreachable", detail: "away" })

/** What a node removes and says of a game that has ended, after the first `failures` attempts. */
const removed = Effect.fnUntraced(function* (
  isRemoving: boolean,
  wasUsed: boolean,
  failures = 0,
  isListed = isRemoving
) {
  const names: Array<string> = []
  const said: Array<LobbyEvent> = []
  let left = failures
  const remove = (name: string) => Effect.suspend(() => (left-- > 0 ? away : Effect.sync(() => void names.push(name))))
  const { begin } = yield* Effect.provideService(
    GameRemoval.make({ isRemoving: () => isRemoving, hasLog: () => isListed }, (event) => said.push(event)),
    Logs,
    logs(remove)
  )
  begin(game, wasUsed)
  yield* TestClock.adjust("4 seconds")
  assert.isEmpty(names)
  yield* TestClock.adjust("1 minute")
  return { names, said }
})

it.scoped("a game that has ended leaves no log, which is removed again when the engine is back", () =>
  Effect.gen(function* () {
    const all = { names: ["g-g-1"], said: [{ type: "removed" as const, name: "g", made: 7 }] }
    assert.deepStrictEqual(yield* removed(true, true), all)
    assert.deepStrictEqual(yield* removed(true, false, 3), all)
  })
)

it.scoped(
  "a game's log that another node has removed is removed again only by a node that had it open, and may have made it anew",
  () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* removed(false, false), { names: [], said: [] })
      assert.deepStrictEqual(yield* removed(false, true), { names: ["g-g-1"], said: [] })
    })
)

it.scoped("a game that is in the list again, after a part of the list was lost, keeps its log", () =>
  Effect.gen(function* () {
    assert.deepStrictEqual(yield* removed(false, true, 0, true), { names: [], said: [] })
  })
)

it.scoped("a game's log that can't be removed is named in a line, once for each reason", () =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const logger = Logger.make(({ message }) => void lines.push(String(message)))
    const reasons = ["away", "away", "away", "refused"]
    const scope = yield* Scope.make()
    yield* Effect.gen(function* () {
      let attempt = 0
      const remove = () =>
        Effect.suspend(() => {
          const detail = reasons[attempt++]
          return detail === undefined ? Effect.void : new LogError({ reason: "Failed", detail })
        })
      const { begin } = yield* GameRemoval.make({ isRemoving: () => true, hasLog: () => true }, () => {}).pipe(
        Effect.provideService(Logs, logs(remove)),
        Scope.extend(scope)
      )
      begin(game, false)
      yield* TestClock.adjust("2 minutes")
    }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
    yield* Scope.close(scope, Exit.void)
    assert.deepStrictEqual(lines, [
      "The log of the game g can't be removed yet: away",
      "The log of the game g can't be removed yet: refused"
    ])
  })
)

it.scoped("logs of games that are in no list, which was lost while no node ran, are removed, and no others", () =>
  Effect.gen(function* () {
    const names: Array<string> = []
    const remove = (name: string) => Effect.sync(() => void names.push(name))
    let listed = ["g-known-1"]
    const lobby = { isRemoving: () => false, hasLog: (log: string) => listed.includes(log) }
    const { unlisted } = yield* Effect.provideService(
      GameRemoval.make(lobby, () => {}),
      Logs,
      logs(remove)
    )
    yield* unlisted(["lobby", "default", "g-known-1", "g-lost-2", "g-back-3", "chat-g"])
    // The list that has it was only late.
    listed = [...listed, "g-back-3"]
    yield* TestClock.adjust("1 minute")
    assert.deepStrictEqual(names, ["g-lost-2"])
  })
)
