/**
 * The list of games, as a fold of a log of its own, so all nodes know the same games. The first reset of a game creates
 * it. The list knows which nodes use a game: a node says so when the game's first client enters on it and when the last
 * has left, and a node that is gone uses none. A game that no node uses is idle. It may be ended then, and its log is
 * removed by whichever node comes to it.
 */
import * as JsonBytes from "../../Log/JsonBytes.ts"
import type { Codec } from "../../Log/Log.ts"
import type { Owner } from "../Access/AdmissionPolicy.ts"
import { logOf } from "./GameName.ts"

/** The most games, games of one owner, and cells of all games. */
interface Limits {
  readonly games: number
  readonly gamesPerOwner: number
  readonly cells: number
}

/**
 * A reset is requested. The game is created if there is none of this name and not too many others. The limits are those
 * of the node that got the request, so all nodes come to the same decision, however many nodes get requests at the same
 * time.
 */
export interface Asked {
  readonly type: "asked"
  readonly name: string
  /** Unique. Identifies the request that waits for the decision. */
  readonly request: string
  readonly width: number
  readonly height: number
  /** Absent: the game counts for no owner. */
  readonly owner?: Owner
  readonly limits: Limits
}

/** `made` distinguishes a game from a later one of its name. */
interface OfGame {
  readonly name: string
  readonly made: number
}

export type LobbyEvent =
  | Asked
  /** The first client of the game has entered on this node. */
  | (OfGame & { readonly type: "used"; readonly node: string })
  /** The last client of the game on this node has left. */
  | (OfGame & { readonly type: "unused"; readonly node: string })
  /** The game was idle for too long. `since` is the position from which on it was idle. */
  | (OfGame & { readonly type: "ended"; readonly since: number })
  /** The log of a new game could not be created. */
  | (OfGame & { readonly type: "dropped" })
  /** The log of a game that has ended is deleted. */
  | (OfGame & { readonly type: "removed" })
  /** The node is alive. Said every second if the log is shared. `url`: where clients reach it. */
  | { readonly type: "here"; readonly node: string; readonly url?: string }
  /** The node has left, or nobody has heard of it for too long. */
  | { readonly type: "gone"; readonly node: string }

export interface KnownGame {
  readonly name: string
  /** The position in the lobby's log at which it was created. */
  readonly made: number
  readonly log: string
  readonly width: number
  readonly height: number
  readonly owner?: Owner
  readonly users: ReadonlyArray<string>
  /** The position at which it became idle. Says nothing while a node uses it. */
  readonly idleSince: number
}

export interface Refused {
  readonly limit: "games" | "token" | "address" | "cells"
  /** The close reason: `at most 100 games`. */
  readonly reason: string
}

export interface Change {
  readonly made?: KnownGame
  /** The game is no longer in the list, and its log must be removed. */
  readonly ended?: KnownGame
  readonly refused?: Refused
}

/** A game that has ended and whose log is not deleted yet. */
export type EndedGame = Pick<KnownGame, "log" | "made" | "name">

interface Snapshot {
  readonly games: ReadonlyArray<KnownGame>
  readonly removing: ReadonlyArray<EndedGame>
  readonly nodes: ReadonlyArray<string>
  readonly urls?: ReadonlyArray<readonly [node: string, url: string]>
}

const empty: Snapshot = { games: [], removing: [], nodes: [] }

const isSame = (a: Owner | undefined, b: Owner): boolean => a?.kind === b.kind && a.name === b.name

const types: ReadonlySet<unknown> = new Set<LobbyEvent["type"]>([
  "asked",
  "used",
  "unused",
  "ended",
  "dropped",
  "removed",
  "here",
  "gone"
])

export const codec: Codec<LobbyEvent> = {
  encode: JsonBytes.encode,
  decode: (bytes) => {
    const event = JsonBytes.decode<LobbyEvent>(bytes)
    if (event?.type === "asked" && event.limits === undefined) return undefined
    return types.has(event?.type) ? event : undefined
  }
}

export class Lobby {
  #games = new Map<string, KnownGame>()
  /** By `made`. */
  #removing = new Map<number, EndedGame>()
  #nodes = new Set<string>()
  #urls = new Map<string, string>()

  get games(): ReadonlyArray<KnownGame> {
    return [...this.#games.values()]
  }

  get removing(): ReadonlyArray<EndedGame> {
    return [...this.#removing.values()]
  }

  /** The nodes that have said something and are not gone. */
  get nodes(): ReadonlySet<string> {
    return this.#nodes
  }

  /** Where clients reach the nodes that say so, in the order of their names: on all nodes the same. */
  get urls(): ReadonlyArray<{ readonly name: string; readonly url: string }> {
    return [...this.#urls].map(([name, url]) => ({ name, url })).sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  find(name: string): KnownGame | undefined {
    return this.#games.get(name)
  }

  /** Whether a log is that of a game in the list, or of one that has ended and whose log is being removed. */
  hasLog(log: string): boolean {
    const known = [...this.#games.values(), ...this.#removing.values()]
    return known.some((game) => game.log === log)
  }

  isRemoving({ log, made }: EndedGame): boolean {
    return this.#removing.get(made)?.log === log
  }

  /** Whether there are too many games for one with a new name. */
  isFull(name: string, most: number): boolean {
    return !this.#games.has(name) && this.#games.size >= most
  }

  /** The reason to refuse a reset, as far as this node has read the log; `undefined` if there is none. */
  problemOf({ height, limits, name, owner, width }: Asked): Refused | undefined {
    const { cells, games, gamesPerOwner } = limits
    const known = this.#games.get(name)
    // Who may reset any game could otherwise take all cells by the games of others, past the limit of games of one token.
    if (known?.owner?.kind === "token" && width * height > known.width * known.height) {
      if (owner === undefined || !isSame(known.owner, owner))
        return { limit: "token", reason: "only the token that made this game can make it larger" }
    }
    if (this.isFull(name, games)) return { limit: "games", reason: `at most ${games} games` }
    if (known === undefined && owner !== undefined && this.#gamesOf(owner) >= gamesPerOwner)
      return { limit: owner.kind, reason: `at most ${gamesPerOwner} games of one ${owner.kind}` }
    if (this.#cellsBeside(name) + width * height > cells)
      return { limit: "cells", reason: `at most ${cells} cells in all games` }
    return undefined
  }

  apply(event: LobbyEvent, position: number): Change {
    switch (event.type) {
      case "asked":
        return this.#ask(event, position)
      case "here":
        this.#nodes.add(event.node)
        if (event.url !== undefined) this.#urls.set(event.node, event.url)
        return {}
      case "gone":
        this.#nodes.delete(event.node)
        this.#urls.delete(event.node)
        for (const game of this.#games.values()) this.#leave(game, event.node, position)
        return {}
      case "removed":
        this.#removing.delete(event.made)
        return {}
      default:
        return this.#ofGame(event, position)
    }
  }

  #ask(event: Asked, position: number): Change {
    const refused = this.problemOf(event)
    if (refused !== undefined) return { refused }
    const { height, name, owner, request, width } = event
    const known = this.#games.get(name)
    const made: KnownGame = {
      name,
      made: position,
      log: logOf(name, request),
      width,
      height,
      ...(owner === undefined ? {} : { owner }),
      users: [],
      idleSince: position
    }
    // Who asks for a game means to use it: the time until it is ended begins anew.
    this.#games.set(name, known === undefined ? made : { ...known, width, height, idleSince: position })
    return known === undefined ? { made } : {}
  }

  #ofGame(
    event: Extract<LobbyEvent, { readonly type: "used" | "unused" | "ended" | "dropped" }>,
    position: number
  ): Change {
    const game = this.#games.get(event.name)
    if (game?.made !== event.made) return {}
    const isIdle = game.users.length === 0
    switch (event.type) {
      case "used":
        this.#nodes.add(event.node)
        if (!game.users.includes(event.node))
          this.#games.set(game.name, { ...game, users: [...game.users, event.node] })
        return {}
      case "unused":
        this.#leave(game, event.node, position)
        return {}
      case "ended":
        // Somebody may have used it since: then the one who said this did not know.
        return isIdle && game.idleSince === event.since ? this.#end(game) : {}
      case "dropped":
        return isIdle ? this.#end(game) : {}
    }
  }

  #leave(game: KnownGame, node: string, position: number): void {
    if (!game.users.includes(node)) return
    const users = game.users.filter((user) => user !== node)
    this.#games.set(game.name, { ...game, users, idleSince: position })
  }

  #end(game: KnownGame): Change {
    this.#games.delete(game.name)
    this.#removing.set(game.made, { name: game.name, made: game.made, log: game.log })
    return { ended: game }
  }

  #gamesOf(owner: Owner): number {
    return this.games.filter((game) => isSame(game.owner, owner)).length
  }

  /** The number of cells of all games except the one of this name. */
  #cellsBeside(name: string): number {
    let cells = 0
    for (const game of this.#games.values()) if (game.name !== name) cells += game.width * game.height
    return cells
  }

  forget(): void {
    this.#games.clear()
    this.#removing.clear()
    this.#nodes.clear()
    this.#urls.clear()
  }

  snapshot(): Uint8Array {
    const { games, removing } = this
    return JsonBytes.encode({ games, removing, nodes: [...this.#nodes], urls: [...this.#urls] } satisfies Snapshot)
  }

  restore(snapshot: Uint8Array): void {
    const { games, nodes, removing, urls = [] } = JsonBytes.decode<Snapshot>(snapshot) ?? empty
    this.#games = new Map(games.map((game) => [game.name, game]))
    this.#removing = new Map(removing.map((game) => [game.made, game]))
    this.#nodes = new Set(nodes)
    this.#urls = new Map(urls)
  }
}
