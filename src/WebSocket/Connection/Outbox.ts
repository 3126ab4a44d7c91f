/**
 * The connections that have something to send. Whatever is sent to a connection during a turn of the event loop is
 * gathered and leaves with one write: a system call a connection and turn, not one a message.
 *
 * While much is coming, what was gathered may be held for some turns more, which join what they add: the turns of a
 * busy loop are short, and a write costs more than all else (docs/decisions/0002).
 */
export interface Sender {
  /** Hands what was gathered to the socket. */
  readonly flush: () => void
}

/** Turns in a row that what was gathered may be held. */
const MAX_HELD = 31
/** Messages in a turn from which on the next turn is likely to bring more for the same connections. */
const BUSY = 100

export class Outbox {
  #touched: Array<Sender> = []
  #scheduled = false
  #isHeld = false
  #turnsHeld = 0

  /** Notes that `sender` has something to send; called once between two flushes of a sender. */
  touch(sender: Sender): void {
    this.#touched.push(sender)
    if (this.#scheduled) return
    this.#scheduled = true
    // What is sent outside of a chunk leaves at the end of the turn.
    setImmediate(this.#endOfTurn)
  }

  /** Writes what was gathered, one write a connection. */
  flush(): void {
    this.#isHeld = false
    this.#turnsHeld = 0
    const touched = this.#touched
    if (touched.length === 0) return
    this.#touched = []
    for (const sender of touched) sender.flush()
  }

  /** Holds what was gathered through the next turn, if that was not done too often already. */
  hold(): void {
    if (++this.#turnsHeld > MAX_HELD) this.flush()
    else this.#isHeld = true
  }

  /** A chunk of so many messages is done. */
  endChunk(messages: number): void {
    if (messages >= BUSY) this.hold()
    else this.flush()
  }

  readonly #endOfTurn = (): void => {
    this.#scheduled = false
    if (!this.#isHeld) return this.flush()
    this.#isHeld = false
    this.#scheduled = true
    setImmediate(this.#endOfTurn)
  }
}
