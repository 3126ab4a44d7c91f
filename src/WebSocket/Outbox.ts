/**
 * The connections that have something to send. Whatever is sent to a connection during a turn of the event loop is
 * gathered and leaves with one write: a system call a connection and turn, not one a message.
 */
export interface Sender {
  /** Hands what was gathered to the socket. */
  readonly flush: () => void
}

export class Outbox {
  #touched: Array<Sender> = []
  #scheduled = false

  /** Notes that `sender` has something to send; called once between two flushes of a sender. */
  touch(sender: Sender): void {
    this.#touched.push(sender)
    if (this.#scheduled) return
    this.#scheduled = true
    // What is sent outside of a chunk leaves at the end of the turn.
    setImmediate(this.#endOfTurn)
  }

  readonly #endOfTurn = (): void => {
    this.#scheduled = false
    this.flush()
  }

  /** Writes what was gathered, one write a connection. */
  flush(): void {
    const touched = this.#touched
    if (touched.length === 0) return
    this.#touched = []
    for (const sender of touched) sender.flush()
  }
}
