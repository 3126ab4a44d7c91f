/**
 * The connections that have something to send. What is sent to a connection during a turn of the event loop is gathered
 * and leaves with one write, so there is one system call for each connection and turn, and not one for each message.
 *
 * While many messages come, gathered bytes may be kept for some more turns and leave with what those add: the turns of
 * a busy loop are short, and the write is the largest cost (docs/decisions/0002).
 */
export interface Sender {
  /** Hands what was gathered to the socket. */
  readonly flush: () => void
}

/** The most turns in a row for which gathered bytes are kept. */
const MAX_CORKED = 31
/** From this many messages in a turn on, the next turn probably brings more for the same connections. */
const BUSY = 100

export class Outbox {
  #touched: Array<Sender> = []
  #scheduled = false
  #isCorked = false
  #turnsCorked = 0

  /** Notes that `sender` has something to send. Called once between two flushes of a sender. */
  touch(sender: Sender): void {
    this.#touched.push(sender)
    if (this.#scheduled) return
    this.#scheduled = true
    // Bytes that are sent outside of a chunk leave at the end of the turn.
    setImmediate(this.#endOfTurn)
  }

  /** Writes the gathered bytes, with one write for each connection. */
  flush(): void {
    this.#isCorked = false
    this.#turnsCorked = 0
    const touched = this.#touched
    if (touched.length === 0) return
    this.#touched = []
    for (const sender of touched) sender.flush()
  }

  /** Keeps the gathered bytes through the next turn, unless they were kept for `MAX_CORKED` turns already. */
  cork(): void {
    if (++this.#turnsCorked > MAX_CORKED) this.flush()
    else this.#isCorked = true
  }

  /** Called when a chunk of `messages` messages is handled. */
  endChunk(messages: number): void {
    if (messages >= BUSY) this.cork()
    else this.flush()
  }

  readonly #endOfTurn = (): void => {
    this.#scheduled = false
    if (!this.#isCorked) return this.flush()
    this.#isCorked = false
    this.#scheduled = true
    setImmediate(this.#endOfTurn)
  }
}
