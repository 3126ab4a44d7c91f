/**
 * The games whose logs this node reads. A game is opened when a client of it comes, and closed when it ends. A log that
 * can't be opened is tried again when a client comes, at most once a second.
 */
import type { CloseReason } from "../../Protocol/CloseReason.ts"
import type { GameRoom } from "./GameRoom.ts"
import type { KnownGame } from "./Lobby.ts"

/** What a client that enters finds: the game, no game of this name, or a game whose log can't be opened now. */
export type Found = GameRoom | "unknown" | "unavailable"

type OpenGame =
  | { readonly state: "opening"; readonly game: KnownGame; readonly waiting: Array<(found: Found) => void> }
  | { readonly state: "open"; readonly game: KnownGame; readonly room: GameRoom; readonly close: () => void }
  /** `at`: when its log could not be opened, in milliseconds of a monotonic clock. */
  | { readonly state: "failed"; readonly game: KnownGame; readonly at: number }

/** An opened game, and how to close it. */
export interface Opened {
  readonly room: GameRoom
  readonly close: () => void
}

/** Opens the log of a game. Calls back once, with `undefined` if that failed. */
type Open = (game: KnownGame, opened: (result: Opened | undefined) => void) => void

/** Milliseconds after which a log that could not be opened is tried again. */
const RETRY = 1000

export class OpenGames {
  readonly #games = new Map<string, OpenGame>()
  readonly #open: Open

  constructor(open: Open) {
    this.#open = open
  }

  /** The games that are open, by name. */
  get rooms(): ReadonlyArray<readonly [name: string, room: GameRoom]> {
    return [...this.#games].flatMap(([name, found]) => (found.state === "open" ? [[name, found.room] as const] : []))
  }

  /** The game of this name, if it is open. */
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
