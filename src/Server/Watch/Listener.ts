/** A watcher that listens to the client of one cell: it gets, as text, what this client publishes and what it gets. */
import { formatListened } from "../../Protocol/WatchRequest.ts"
import type { Connection } from "../../WebSocket/Connection/Connection.ts"
import type { ByteString } from "../../WebSocket/Frames/Frame.ts"
import type { Relay, Subscriber } from "../Game/Relay.ts"

/** The most messages in a turn. At full speed there are more, and nobody could read them. */
const MAX_IN_TURN = 32

/** The workers of cells, as the game knows them. */
interface Speakers {
  readonly unsafeSpeaker: (topic: number) => { readonly id: number; readonly topics: ReadonlyArray<number> } | undefined
}

export class Listener implements Subscriber {
  readonly #connection: Pick<Connection, "blocked" | "send" | "sendFrame">
  readonly #game: Speakers
  readonly #relay: Relay["Type"]
  #cell: number | undefined
  /** What was said of the client last. */
  #said = ""
  #topics: ReadonlyArray<number> = []
  #left = MAX_IN_TURN

  constructor(connection: Pick<Connection, "blocked" | "send" | "sendFrame">, game: Speakers, relay: Relay["Type"]) {
    this.#connection = connection
    this.#game = game
    this.#relay = relay
  }

  /** Listens to the client of this cell, and no longer to the one before. `undefined`: to none. */
  listen(cell: number | undefined): void {
    const { height, width } = this.#relay.unsafeGrid()
    this.#subscribe([])
    this.#said = ""
    this.#cell = cell === undefined || cell >= width * height ? undefined : cell
    this.turn()
  }

  /** Follows the client: it may have come, or have another connection now. */
  turn(): void {
    this.#left = MAX_IN_TURN
    const cell = this.#cell
    if (cell === undefined || this.#connection.blocked) return
    const worker = this.#game.unsafeSpeaker(cell)
    const neighbours = [...new Set(worker?.topics)]
    const said = formatListened({ cell, connection: worker?.id, neighbours })
    if (said === this.#said) return
    this.#said = said
    this.#connection.send(said)
    this.#subscribe([...new Set([cell, ...neighbours])])
  }

  sendFrame(frame: ByteString): void {
    if (this.#left === 0 || this.#connection.blocked) return
    this.#left--
    this.#connection.sendFrame(frame)
  }

  #subscribe(topics: ReadonlyArray<number>): void {
    for (const topic of this.#topics) this.#relay.unsafeUnsubscribe(topic, this)
    for (const topic of topics) this.#relay.unsafeSubscribe(topic, this)
    this.#topics = topics
  }
}
