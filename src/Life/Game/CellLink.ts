/**
 * A cell's side of protocol 0, over one connection. The cell subscribes and runs when the relay says so. Then it receives
 * its neighbours' states and publishes its own. A cell that lost its connection continues over another link.
 */
import * as Protocol0 from "../../Protocol/Protocol0.ts"
import type { Handler } from "../../WebSocket/Connection/Handler.ts"
import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Cell } from "./Cell.ts"
import type { CellConnection } from "./LifeTransport.ts"

/** The events that a cell's link reports to the game. */
export interface LinkEvents {
  /** The cell has subscribed and waits for the others. */
  readonly subscribed: (link: CellLink) => void
  readonly run: (link: CellLink) => void
  readonly advanced: (link: CellLink) => void
  /** The cell has heard its neighbours at the last step. May be reported again. */
  readonly completed: (link: CellLink) => void
  /** The relay sent a message that protocol 0 does not allow at this point. */
  readonly surprised: (text: string) => void
  readonly closed: (link: CellLink, close: Close) => void
}

const Turn = { Connected: 0, Subscribed: 1, Resuming: 2, Running: 3 } as const

export class CellLink implements Handler {
  readonly cell: Cell
  /** How often the game had been requested from the server when this connection was opened. */
  readonly epoch: number
  /** Whether it is the newest connection of its cell; kept by `CellLinks`. */
  isCurrent = true
  readonly #link: CellConnection
  readonly #events: LinkEvents
  /** Whether the cell takes over from one whose process died. Then the relay sends it the last states of that one. */
  readonly #resumes: boolean
  #turn: number = Turn.Connected
  #isRestored = false

  constructor(cell: Cell, epoch: number, link: CellConnection, events: LinkEvents, resumes: boolean) {
    this.cell = cell
    this.epoch = epoch
    this.#link = link
    this.#events = events
    this.#resumes = resumes
  }

  /** Whether the relay has told the cell to subscribe. */
  get isSubscribed(): boolean {
    return this.#turn !== Turn.Connected
  }

  onMessage(message: Message): void {
    if (typeof message !== "string") return this.#events.surprised("binary data")
    if (this.#turn === Turn.Running) this.#hear(message, 0, message.length)
    else if (this.#turn === Turn.Connected && message === Protocol0.SUB) this.#subscribe()
    else if (this.#turn === Turn.Subscribed && message === Protocol0.RUN) this.#run()
    else if (this.#turn === Turn.Resuming) this.#resume(message)
    else this.#events.surprised(message)
  }

  onAscii(bytes: Buffer, start: number, end: number): void {
    if (this.#turn === Turn.Running) this.#hear(bytes, start, end)
    else this.onMessage(bytes.toString("latin1", start, end))
  }

  onClose(close: Close): void {
    this.#events.closed(this, close)
  }

  close(code?: number, reason?: string): void {
    this.#link.close(code, reason)
  }

  publish(): void {
    const { cell } = this
    this.#link.send(Protocol0.formatState(cell.step, cell.row, cell.col, cell.state))
  }

  /** Publishes the state of the step before, if it is known. */
  publishPrevious(): void {
    const { cell } = this
    if (cell.previousState === undefined) return
    this.#link.send(Protocol0.formatState(cell.step - 1, cell.row, cell.col, cell.previousState))
  }

  /** Publishes the last two states: neighbours in lockstep need no more, and ignore those that they have. */
  publishAgain(): void {
    this.publishPrevious()
    this.publish()
  }

  /** Starts at the restored step, or at step 0 if the relay kept no state of this cell. Does nothing if the cell has started. */
  begin(): void {
    if (this.#turn !== Turn.Resuming) return
    this.#turn = Turn.Running
    this.#events.run(this)
  }

  #subscribe(): void {
    this.#turn = Turn.Subscribed
    const { cell } = this
    // The relay sends what it keeps in the order of the subscriptions, so the cell itself comes first.
    if (this.#resumes) this.#link.send(Protocol0.formatSubscription(cell.row, cell.col))
    for (const { row, col } of cell.subscriptions())
      if (!this.#resumes || row !== cell.row || col !== cell.col)
        this.#link.send(Protocol0.formatSubscription(row, col))
    this.#link.send(Protocol0.SUB)
    this.#events.subscribed(this)
  }

  #run(): void {
    this.#turn = Turn.Resuming
    if (!this.#resumes) this.begin()
  }

  /** The relay sends the last one or two states of the cell itself, the older one first, and then those of its neighbours. */
  #resume(message: string): void {
    const read = Protocol0.parseState(message, this.cell.rule.states)
    if (read === undefined) return this.#events.surprised(message)
    const { cell } = this
    const isOwn = read.row === cell.row && read.col === cell.col
    if (isOwn && !this.#isRestored) {
      this.#isRestored = true
      return cell.restore(read.step, read.state)
    }
    if (isOwn && read.step === cell.step + 1) {
      cell.restore(read.step, read.state, cell.state)
      return this.begin()
    }
    this.begin()
    this.#hear(message, 0, message.length)
  }

  /** Hears a state, which is the text from `start` to `end`. */
  #hear(text: string | Buffer, start: number, end: number): void {
    const { cell } = this
    const read = Protocol0.parseState(text, cell.rule.states, start, end)
    if (read === undefined)
      return this.#events.surprised(typeof text === "string" ? text : text.toString("latin1", start, end))
    const steps = cell.receive(read.step, read.row, read.col, read.state)
    if (steps === 2) this.publishPrevious()
    if (steps > 0) this.#events.advanced(this)
    if (cell.isComplete) this.#events.completed(this)
  }
}
