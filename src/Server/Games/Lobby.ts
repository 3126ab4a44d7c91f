/**
 * The list of games, as a fold of a log of its own: so all nodes know the same games. The first reset of a game creates
 * it, and it ends when nobody uses it.
 */
import type { Codec } from "../../Log/Log.ts"

export type LobbyEvent =
  /** A reset is asked for: the game is made unless there is one of this name. `request` is unique, for who waits. */
  | {
      readonly type: "asked"
      readonly name: string
      readonly request: string
      readonly width: number
      readonly height: number
    }
  /** Somebody is connected to it. */
  | { readonly type: "used"; readonly name: string }
  /** `made` tells it from a later one of its name. */
  | { readonly type: "ended"; readonly name: string; readonly made: number }

export interface KnownGame {
  readonly name: string
  /** The position at which it was made. */
  readonly made: number
  readonly width: number
  readonly height: number
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

  /** Cells of all games but the one of this name. */
  cellsBeside(name: string): number {
    let cells = 0
    for (const game of this.#games.values()) if (game.name !== name) cells += game.width * game.height
    return cells
  }

  /** The game that this ended, if it did. */
  apply(event: LobbyEvent, position: number): KnownGame | undefined {
    const known = this.#games.get(event.name)
    if (event.type === "asked") {
      const { height, name, width } = event
      this.#games.set(name, { name, width, height, made: known?.made ?? position })
    } else if (event.type === "ended" && known?.made === event.made) {
      this.#games.delete(event.name)
      return known
    }
    return undefined
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
