/**
 * The list of games, as a fold of a log of its own, so all nodes know the same games. The first reset of a game creates
 * it. A game ends when nobody uses it.
 */
import type { Codec } from "../../Log/Log.ts"
import { isSame, type Owner } from "../Access/Owner.ts"

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

export type LobbyEvent =
  | Asked
  /** A client is connected to the game. */
  | { readonly type: "used"; readonly name: string }
  /** `made` distinguishes it from a later game of its name. */
  | { readonly type: "ended"; readonly name: string; readonly made: number }

export interface KnownGame {
  readonly name: string
  /** The position in the lobby's log at which it was created. */
  readonly made: number
  readonly width: number
  readonly height: number
  /** The owner who created it. */
  readonly owner?: Owner
}

/** Why a reset is refused. */
export interface Refused {
  readonly limit: "games" | "token" | "address" | "cells"
  /** The close reason: `at most 100 games`. */
  readonly reason: string
}

/** What an event changed. */
export interface Change {
  readonly made?: KnownGame
  readonly ended?: KnownGame
  readonly refused?: Refused
}

const types: ReadonlySet<unknown> = new Set<LobbyEvent["type"]>(["asked", "used", "ended"])

const parse = <A>(bytes: Uint8Array): A | undefined => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

const format = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

export const codec: Codec<LobbyEvent> = {
  encode: format,
  decode: (bytes) => {
    const event = parse<LobbyEvent>(bytes)
    if (event?.type === "asked" && event.limits === undefined) return undefined
    return types.has(event?.type) ? event : undefined
  }
}

export class Lobby {
  #games = new Map<string, KnownGame>()

  get games(): ReadonlyArray<KnownGame> {
    return [...this.#games.values()]
  }

  find(name: string): KnownGame | undefined {
    return this.#games.get(name)
  }

  /** The reason to refuse a reset, as far as this node has read the log; `undefined` if there is none. */
  problemOf({ height, limits, name, owner, width }: Asked): Refused | undefined {
    const { cells, games, gamesPerOwner } = limits
    if (!this.#games.has(name)) {
      if (this.#games.size >= games) return { limit: "games", reason: `at most ${games} games` }
      if (owner !== undefined && this.#gamesOf(owner) >= gamesPerOwner)
        return { limit: owner.kind, reason: `at most ${gamesPerOwner} games of one ${owner.kind}` }
    }
    if (this.#cellsBeside(name) + width * height > cells)
      return { limit: "cells", reason: `at most ${cells} cells in all games` }
    return undefined
  }

  apply(event: LobbyEvent, position: number): Change {
    const known = this.#games.get(event.name)
    switch (event.type) {
      case "asked": {
        const refused = this.problemOf(event)
        if (refused !== undefined) return { refused }
        const { height, name, owner, width } = event
        const made: KnownGame = { name, made: position, width, height, ...(owner === undefined ? {} : { owner }) }
        this.#games.set(name, known === undefined ? made : { ...known, width, height })
        return known === undefined ? { made } : {}
      }
      case "ended":
        if (known?.made !== event.made) return {}
        this.#games.delete(event.name)
        return { ended: known }
      case "used":
        return {}
    }
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
  }

  snapshot(): Uint8Array {
    return format(this.games)
  }

  restore(snapshot: Uint8Array): void {
    this.#games = new Map((parse<ReadonlyArray<KnownGame>>(snapshot) ?? []).map((game) => [game.name, game]))
  }
}
