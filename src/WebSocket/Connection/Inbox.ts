/**
 * A queue that knows no connection, apart from the reactor that handles them. Collects the messages of all connections.
 * Producers push as bytes arrive; one consumer takes the messages as a `Stream`, whose chunks hold what came in one turn of
 * the event loop.
 *
 * So the cost of Effect (a fiber's wake-up, a pull of the stream) is paid once a chunk. A chunk that reaches `batch` messages
 * is handed over before the turn ends, so that the peers can work on the answers while the rest is read.
 */
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

export class Inbox<A> {
  readonly #batch: number
  #items: Array<A> = []
  #waiting: ((taken: Effect.Effect<Chunk.Chunk<A>>) => void) | undefined = undefined
  #scheduled = false

  constructor(batch: number) {
    this.#batch = batch
  }

  push(item: A): void {
    this.#items.push(item)
    if (this.#items.length >= this.#batch) this.#wake()
    else if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(this.#endOfTurn)
    }
  }

  /** The pushed messages, in order. For one consumer. */
  get stream(): Stream.Stream<A> {
    const taken = Effect.async<Chunk.Chunk<A>>((resume) => {
      this.#waiting = resume
      // The consumer may have been busy at the end of a turn. Then the messages of that turn are still here.
      if (this.#items.length >= this.#batch || (this.#items.length > 0 && !this.#scheduled)) this.#wake()
    })
    // `Stream.repeatEffectChunk` does the same with twice as many steps for each chunk, and a quiet server has a chunk a message.
    const chunks: Channel.Channel<Chunk.Chunk<A>, unknown, never, unknown, unknown, unknown> = Channel.flatMap(
      Channel.fromEffect(taken),
      (chunk) => Channel.flatMap(Channel.write(chunk), () => chunks)
    )
    return Stream.fromChannel(chunks)
  }

  readonly #endOfTurn = (): void => {
    this.#scheduled = false
    if (this.#items.length > 0) this.#wake()
  }

  #wake(): void {
    const resume = this.#waiting
    if (resume === undefined) return
    this.#waiting = undefined
    const items = this.#items
    this.#items = []
    resume(Effect.succeed(Chunk.unsafeFromArray(items)))
  }
}
