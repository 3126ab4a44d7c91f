/**
 * What a node writes to the lobby of the life of games: which games its clients use, that it is alive, which other nodes
 * are not, and which games nobody has used for long. Only what is written counts. The clock decides when to write, and
 * every node may write: what others have overtaken has no effect.
 */
import type { KnownGame, Lobby, LobbyEvent } from "./Lobby.ts"
import { NodePresence } from "./NodePresence.ts"

export interface GameUseContext {
  /** The name of this node in the log. No other node has had it. */
  readonly node: string
  readonly isShared: boolean
  /** Where clients reach this node; empty if it does not say. */
  readonly url: string
  /** The milliseconds after which a game that nobody uses is ended. */
  readonly idle: number
  readonly lobby: Lobby
  readonly append: (event: LobbyEvent) => void
  /** The nodes that take part in the games that are open on this node. */
  readonly players: () => Iterable<string>
  /** Removes a silent node, and former names of this one, from the games that are open on this node. */
  readonly removePlayer: (node: string) => void
  /** Whether clients of the game of this name are on this node. */
  readonly hasClients: (name: string) => boolean
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
}

/** The least milliseconds between two signs of life. Polls come every second, some a little early. */
const SIGN = 900

export class GameUse {
  readonly #context: GameUseContext
  /** What this node has said of games and not read back, by `made`: whether it uses them. */
  readonly #said = new Map<number, boolean>()
  /** Since when this node knows that a game is idle, or has said that it is to end, and from which position on it is idle. */
  readonly #idle = new Map<number, { readonly since: number; readonly at: number }>()
  readonly #presence: NodePresence
  #signed = Number.NEGATIVE_INFINITY

  constructor(context: GameUseContext) {
    const { append, lobby, node, players, removePlayer, url } = context
    this.#context = context
    this.#presence = new NodePresence({
      node,
      sign: () => append({ type: "here", node, ...(url === "" ? {} : { url }) }),
      known: () => [...lobby.nodes, ...players()],
      silent: (silent) => {
        if (lobby.nodes.has(silent)) append({ type: "gone", node: silent })
        removePlayer(silent)
      }
    })
  }

  /** Must be called when a client of a game enters on this node. */
  entered(game: KnownGame): void {
    this.#say(game, true)
  }

  /** Must be called for each event that is read, after the fold. */
  read(event: LobbyEvent): void {
    if (event.type !== "here" && event.type !== "used" && event.type !== "unused") return
    this.#presence.heard(event.node, event.type === "here")
    if (event.type !== "here" && event.node === this.#context.node) this.#said.delete(event.made)
  }

  /**
   * The lobby's log begins again, or a part of it was missed, and what was not read back is dropped. Another game may have
   * the position of one that was idle.
   */
  restart(): void {
    this.#presence.restart()
    this.#said.clear()
    this.#idle.clear()
  }

  /** Must be called every second, and at least four times within `idle`. */
  poll(): void {
    const { idle, isShared, lobby, now } = this.#context
    const at = now()
    if (isShared && at - this.#signed >= SIGN) {
      this.#signed = at
      this.#presence.sign()
      this.#context.removePlayer(this.#context.node)
    }
    for (const game of lobby.games) this.#pollGame(game, at, idle)
    this.#forgetOthers(lobby.games)
  }

  #pollGame(game: KnownGame, at: number, idle: number): void {
    const isUsed = this.#context.hasClients(game.name)
    this.#say(game, isUsed)
    if (isUsed || game.users.length > 0) return void this.#idle.delete(game.made)
    const known = this.#idle.get(game.made)
    if (known?.since === game.idleSince && at - known.at < idle) return
    // Also when it is said to be idle for too long: while the log is away, that would be written at each poll.
    this.#idle.set(game.made, { since: game.idleSince, at })
    if (known?.since !== game.idleSince) return
    this.#context.append({ type: "ended", name: game.name, made: game.made, since: game.idleSince })
  }

  /**
   * Writes whether this node uses a game, unless the log says so, or will when it has what was written. The log may say
   * otherwise although nothing has changed here, if the others took this node for gone.
   */
  #say(game: KnownGame, isUsed: boolean): void {
    const { append, node } = this.#context
    const { made, name, users } = game
    if (isUsed === (this.#said.get(made) ?? users.includes(node))) return
    this.#said.set(made, isUsed)
    append({ type: isUsed ? "used" : "unused", name, made, node })
  }

  /** Forgets games that are no longer in the list. */
  #forgetOthers(games: ReadonlyArray<KnownGame>): void {
    const known = new Set(games.map(({ made }) => made))
    for (const made of this.#said.keys()) if (!known.has(made)) this.#said.delete(made)
    for (const made of this.#idle.keys()) if (!known.has(made)) this.#idle.delete(made)
  }
}
