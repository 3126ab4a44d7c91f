/** What the page hears of the client of one cell: its connection, its neighbours, and its last messages. Pure. */
import { parseState } from "../../../src/Protocol/Protocol0.ts"
import { NO_STEP } from "../../../src/Protocol/WatchProtocol.ts"
import { type ListenedClient, parseListened } from "../../../src/Protocol/WatchRequest.ts"
import type { Frame } from "./Model.ts"

/** The most messages that are kept. */
const MAX_MESSAGES = 9

export interface ClientMessage {
  /** Whether the client published it; else it got it from a neighbour. */
  readonly isOwn: boolean
  /** The message, unchanged: `<step> <row> <col> <state>`. */
  readonly text: string
}

/** States of cells are below this in every game. */
const ANY_STATE = 256

export class ClientLog {
  #client: ListenedClient | undefined
  #messages: Array<ClientMessage> = []
  /** Of the figures that come next, so many may still count a client that has left: those on their way, and those that were made before. */
  #stale = 0

  /** The client, as the server has told last. */
  get client(): ListenedClient | undefined {
    return this.#client
  }

  /** The newest message comes last. */
  get messages(): ReadonlyArray<ClientMessage> {
    return this.#messages
  }

  /** Whether the figures of the game are newer than what is known of the client, so that they say whether it is connected elsewhere. */
  get isCounted(): boolean {
    return this.#stale === 0
  }

  /** Figures of the game have come. */
  noteFigures(): void {
    this.#stale = Math.max(0, this.#stale - 1)
  }

  /** Forgets the client, because the page listens to another one or to none. */
  clear(): void {
    this.#client = undefined
    this.#messages = []
    this.#stale = 0
  }

  /** Takes a text of the server in a game of this width. Returns false if a correct server never sends it. */
  take(text: string, width: number): boolean {
    const client = parseListened(text)
    if (client !== undefined) {
      const before = this.#client?.cell === client.cell ? this.#client : undefined
      if (before === undefined) this.#messages = []
      this.#stale = before?.connection !== undefined && client.connection === undefined ? 2 : 0
      this.#client = client
      return true
    }
    const state = parseState(text, ANY_STATE)
    if (state === undefined) return false
    this.#messages.push({ isOwn: state.row * width + state.col === this.#client?.cell, text })
    if (this.#messages.length > MAX_MESSAGES) this.#messages.shift()
    return true
  }
}

/** The neighbours of the client whose state it needs for its next step and does not have yet. */
export const awaited = ({ cell, neighbours }: ListenedClient, { steps }: Frame): ReadonlyArray<number> => {
  const step = steps[cell] ?? NO_STEP
  return neighbours.filter((neighbour) => (steps[neighbour] ?? NO_STEP) < step)
}
