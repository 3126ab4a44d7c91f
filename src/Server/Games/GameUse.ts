/**
 * What a node writes to the lobby of the life of games: which games its clients use, that it is alive, which other nodes
 * are not, and which games nobody has used for long. Only what is written counts. The clock decides when to write, and
 * every node may write: what others have overtaken has no effect.
 */
import type { KnownGame, Lobby, LobbyEvent } from "./Lobby.ts"

export interface GameUseContext {
  /** The name of this node in the log. No other node has had it. */
  readonly node: string
  readonly isShared: boolean
  /** The milliseconds after which a game that nobody uses is ended. */
  readonly idle: number
  readonly lobby: Lobby
  readonly append: (event: LobbyEvent) => void
  /** Whether this node reads what the others write. While it does not, it can't know who is silent. */
  readonly isCurrent: () => boolean
  /** Whether clients of the game of this name are on this node. */
  readonly hasClients: (name: string) => boolean
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
}

/** Milliseconds between two signs of life, and the silence after which a node counts as gone. */
const HERE = 2000
export const SILENCE = 10_000

export class GameUse {
  readonly #context: GameUseContext
  /** The games that this node has said to use, by `made`. */
  readonly #used = new Set<number>()
  /** Since when this node knows that a game is idle, and from which position on. */
  readonly #idle = new Map<number, { readonly since: number; readonly at: number }>()
  /** When each other node was heard last. */
  readonly #heard = new Map<string, number>()
  #signed = Number.NEGATIVE_INFINITY

  constructor(context: GameUseContext) {
    this.#context = context
  }

  /** Must be called when a client of a game enters on this node. */
  entered(game: KnownGame): void {
    if (this.#used.has(game.made)) return
    this.#used.add(game.made)
    this.#say("used", game)
  }

  /** Must be called for each event that is read, after the fold. */
  read(event: LobbyEvent): void {
    const { lobby, node, now } = this.#context
    if (event.type === "here" || event.type === "used" || event.type === "unused") this.#heard.set(event.node, now())
    if (event.type !== "gone") return
    this.#heard.delete(event.node)
    // The others took this node for gone, because it was silent: its clients are here all the same.
    if (event.node === node) for (const game of lobby.games) if (this.#used.has(game.made)) this.#say("used", game)
  }

  /** Must be called now and then, at least four times within `idle`. */
  poll(): void {
    const { idle, isShared, lobby, now } = this.#context
    const at = now()
    if (isShared && at - this.#signed >= HERE) {
      this.#signed = at
      this.#context.append({ type: "here", node: this.#context.node })
    }
    if (isShared) this.#findGone(at)
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

  /** Says of nodes that were silent for too long that they are gone. */
  #findGone(at: number): void {
    const { append, isCurrent, lobby, node } = this.#context
    // A node that was cut off has heard nobody, and must not judge before it has.
    if (!isCurrent()) return this.#heard.clear()
    for (const other of lobby.nodes) {
      if (other === node) continue
      const heard = this.#heard.get(other)
      if (heard === undefined) this.#heard.set(other, at)
      else if (at - heard > SILENCE) append({ type: "gone", node: other })
    }
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
