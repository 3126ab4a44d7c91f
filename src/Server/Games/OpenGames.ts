/**
 * The games whose logs this node reads. A game is opened when a client of it comes, and closed when it ends. A log that
 * can't be opened is tried again when a client comes, at most once a second.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import type { Logs } from "../../Log/Log.ts"
import type { CloseReason } from "../../Protocol/CloseReason.ts"
import type { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import type { ThisNode } from "../Game/ThisNode.ts"
import * as LineLimit from "../Operations/LineLimit.ts"
import type { Metrics } from "../Operations/Metrics.ts"
import type { ServerConsole } from "../Operations/ServerConsole.ts"
import type { ServerConfig } from "../ServerConfig.ts"
import * as GameRoomModule from "./GameRoom.ts"
import type { KnownGame } from "./Lobby.ts"

type GameRoom = GameRoomModule.GameRoom

/** What a client that enters finds: the game, no game of this name, or a game whose log can't be opened now. */
export type Found = GameRoom | "unknown" | "unavailable"

type OpenGame =
  | { readonly state: "opening"; readonly game: KnownGame; readonly waiting: Array<(found: Found) => void> }
  | { readonly state: "open"; readonly game: KnownGame; readonly room: GameRoom; readonly close: () => void }
  /** `at`: when its log could not be opened, in milliseconds of a monotonic clock. */
  | { readonly state: "failed"; readonly game: KnownGame; readonly at: number }

interface Opened {
  readonly room: GameRoom
  readonly close: () => void
}

/** Opens the log of a game. Calls back once, with `undefined` if that failed. */
type Open = (game: KnownGame, opened: (result: Opened | undefined) => void) => void

export type Needs = Logs | Metrics | Reactor | ServerConfig | ServerConsole | ThisNode

/** Opens a game's log in a scope of its own. A flood of clients of one that can't be opened writes a line a second. */
const opener: Effect.Effect<Open, never, Needs | Scope.Scope> = Effect.gen(function* () {
  // At the end all games close at the same time: each waits a little for the log to take its goodbye.
  const scope = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.parallel)
  const runFork = Runtime.runFork(yield* Effect.runtime<Needs>())
  const mayWrite = yield* LineLimit.make(1, (count) =>
    runFork(Effect.logWarning(`${count} more times the log of a game could not be opened`))
  )
  const open = Effect.fnUntraced(function* ({ log, name }: KnownGame) {
    const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
    const room = yield* GameRoomModule.make(name, log).pipe(
      Scope.extend(own),
      Effect.onError((cause) => Scope.close(own, Exit.failCause(cause)))
    )
    return { room, close: () => void runFork(Scope.close(own, Exit.void)) }
  })
  const failed = ({ name }: KnownGame, cause: Cause.Cause<unknown>) =>
    mayWrite() ? Effect.logWarning(`The log of the game ${name} can't be opened: ${Cause.pretty(cause)}`) : Effect.void
  return (game, opened) => {
    const result = Effect.catchAllCause(open(game), (cause) => Effect.as(failed(game, cause), undefined))
    runFork(Effect.forkIn(Effect.map(result, opened), scope))
  }
})

/** Milliseconds after which a log that could not be opened is tried again. */
const RETRY = 1000

export class OpenGames {
  readonly #games = new Map<string, OpenGame>()
  readonly #open: Open

  static readonly make = Effect.map(opener, (open) => new OpenGames(open))

  constructor(open: Open) {
    this.#open = open
  }

  get rooms(): ReadonlyArray<readonly [name: string, room: GameRoom]> {
    return [...this.#games].flatMap(([name, found]) => (found.state === "open" ? [[name, found.room] as const] : []))
  }

  room(name: string): GameRoom | undefined {
    const found = this.#games.get(name)
    return found?.state === "open" ? found.room : undefined
  }

  /** Calls `use` with the game, at once if it is open. */
  enter(game: KnownGame, use: (found: Found) => void): void {
    const found = this.#games.get(game.name)
    if (found?.state === "open") return use(found.room)
    if (found?.state === "opening") return void found.waiting.push(use)
    if (found?.state === "failed" && performance.now() - found.at < RETRY) return use("unavailable")
    const opening: OpenGame = { state: "opening", game, waiting: [use] }
    this.#games.set(game.name, opening)
    this.#open(game, (opened) => {
      // The game may have ended meanwhile.
      const isOn = this.#games.get(game.name) === opening
      if (!isOn) opened?.close()
      else if (opened === undefined) this.#games.set(game.name, { state: "failed", game, at: performance.now() })
      else this.#games.set(game.name, { state: "open", game, ...opened })
      const result = !isOn ? "unknown" : (opened?.room ?? "unavailable")
      for (const use of opening.waiting) use(result)
    })
  }

  /** Closes a game and its clients, if it is open. Returns whether this node has used its log. */
  close(name: string, { code, reason }: CloseReason): boolean {
    const found = this.#games.get(name)
    this.#games.delete(name)
    if (found?.state === "open") {
      found.room.closeAll(code, reason)
      found.close()
    }
    return found !== undefined
  }
}
