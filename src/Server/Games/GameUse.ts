/**
 * What a node writes to the lobby of the life of games: which games its clients use, that it is alive, which other nodes
 * are not, and which games nobody has used for long. Only what is written counts. The clock decides when to write, and
 * every node may write: what others have overtaken has no effect.
 */
import type { KnownGame, Lobby, LobbyEvent } from "./Lobby.ts"
import { Presence } from "./Presence.ts"

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
  /** The games that this node has said to use, by `made`. */
  readonly #used = new Set<number>()
  /** Since when this node knows that a game is idle, and from which position on. */
  readonly #idle = new Map<number, { readonly since: number; readonly at: number }>()
  readonly #presence: Presence
  #signed = Number.NEGATIVE_INFINITY

  constructor(context: GameUseContext) {
    const { append, lobby, node, players, removePlayer, url } = context
    this.#context = context
    this.#presence = new Presence({
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
    if (this.#used.has(game.made)) return
    this.#used.add(game.made)
    this.#say("used", game)
  }

  /** Must be called for each event that is read, after the fold. */
  read(event: LobbyEvent): void {
    const { lobby, node } = this.#context
    if (event.type === "here" || event.type === "used" || event.type === "unused")
      this.#presence.heard(event.node, event.type === "here")
    if (event.type !== "gone") return
    // The others took this node for gone, because it was silent: its clients are here all the same.
    if (event.node === node) for (const game of lobby.games) if (this.#used.has(game.made)) this.#say("used", game)
  }

  /** The lobby's log begins again, or a part of it was missed. Another game may have the position of one that was idle. */
  restart(): void {
    this.#presence.restart()
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
    const { append, hasClients } = this.#context
    // Said again if the log has lost it.
    if (hasClients(game.name) && this.#used.has(game.made) && !game.users.includes(this.#context.node))
      this.#say("used", game)
    else if (hasClients(game.name)) this.entered(game)
    else if (this.#used.delete(game.made)) this.#say("unused", game)
    if (game.users.length > 0) return void this.#idle.delete(game.made)
    const known = this.#idle.get(game.made)
    if (known?.since !== game.idleSince) return void this.#idle.set(game.made, { since: game.idleSince, at })
    if (at - known.at >= idle && !this.#used.has(game.made))
      append({ type: "ended", name: game.name, made: game.made, since: game.idleSince })
  }

  #say(type: "used" | "unused", { made, name }: KnownGame): void {
    this.#context.append({ type, name, made, node: this.#context.node })
  }

  /** Forgets games that are no longer in the list. */
  #forgetOthers(games: ReadonlyArray<KnownGame>): void {
    const known = new Set(games.map(({ made }) => made))
    for (const made of this.#used) if (!known.has(made)) this.#used.delete(made)
    for (const made of this.#idle.keys()) if (!known.has(made)) this.#idle.delete(made)
  }
}
