/**
 * The closing handshake of a connection (RFC 6455, section 7), on the server's or the client's side.
 *
 *            close(), leave()                    the peer's close frame, or the end of its bytes
 *     Open ────────────────────> Closing ─────────────────────────────────────────────────────> Ending
 *      │ │                       a close frame was sent                         the socket ends with │
 *      │ │                                                                           its last byte   │
 *      │ │ the peer's close frame, or a violation                                               ^    │
 *      │ └────────────────────> Answering ──────────────────────────────────────────────────────┤    │
 *      │                        what came before is handled    close(), or no onClosing handler │    │
 *      │                                                                                        │    v
 *      └────────────────────────────────────────────────────────────────────────────────────────┘  Closed
 *        the peer's bytes ended without a close frame
 *
 * In each state the socket may be lost, which leads to Closed; `terminate()` destroys it on purpose. A connection in
 * Closing, in Ending, or in Answering after its handler was told, has a deadline (`expectEnd`): it is terminated
 * when that has passed.
 *
 * A connection has one only from when something ends it: most connections are open for nearly all of their time, and
 * `isOpen` is read for each message.
 */
import { type Close, CloseCode } from "../Frames/CloseCode.ts"
import * as Frame from "../Frames/Frame.ts"
import type { Handler } from "./Handler.ts"

const State = { Open: 0, Answering: 1, Closing: 2, Ending: 3, Closed: 4 } as const

/** The connection that ends. What is not described here is described in `Writer` and `Connection`. */
export interface ClosingConnection {
  readonly handler: Handler | undefined
  readonly isClient: boolean
  readonly isOpen: boolean
  readonly blocked: boolean
  readonly sendFrame: (frame: Frame.ByteString) => void
  readonly seal: () => void
  readonly end: () => void
  readonly forget: () => void
  readonly destroy: () => void
  /** Starts the deadline for the end of the connection. */
  readonly expectEnd: () => void
  /** Calls `f` when the messages that came before are handled. */
  readonly inTurn: (f: () => void) => void
  /** Removes all reasons to pause reading. */
  readonly readOn: () => void
  readonly call: (f: () => void) => void
}

export class ClosingHandshake {
  readonly #connection: ClosingConnection
  #state: number = State.Open
  #closedHere = false
  /** The code and reason of the end, as far as they are known. */
  #close: Close | undefined = undefined

  constructor(connection: ClosingConnection) {
    this.#connection = connection
  }

  get closedHere(): boolean {
    return this.#closedHere
  }

  /** Begins the closing handshake. If the peer began it, answers with the peer's own code instead. */
  close(code: number, reason: string): void {
    if (this.#state === State.Answering) return this.#answer()
    if (this.#state !== State.Open) return
    this.#close ??= { code, reason }
    this.#closedHere = true
    this.#sendClose(code, reason, State.Closing)
  }

  /** Closes the connection from this side, after its handler has said goodbye (`onLeaving`). */
  leave(code: number, reason: string): void {
    if (!this.#connection.isOpen) return
    const { handler } = this.#connection
    if (handler?.onLeaving === undefined) return this.close(code, reason)
    this.#connection.expectEnd()
    this.#connection.call(() => handler.onLeaving?.({ code, reason }))
  }

  /** Destroys the socket at once, without a close frame. */
  terminate(reason: string): void {
    this.#connection.forget()
    if (this.#connection.isOpen) {
      this.#connection.seal()
      this.#closedHere = true
      this.#state = State.Closing
    }
    this.#close ??= { code: CloseCode.Abnormal, reason }
    this.#connection.destroy()
  }

  /** Ends at once: a peer that reads gets a close frame; else the socket goes, which alone frees what it holds. */
  cutOff(close: Close): void {
    if (this.#state === State.Open && !this.#connection.blocked) {
      this.close(close.code, close.reason)
      this.#end()
    } else {
      if (this.#connection.isOpen) this.#close = close
      this.terminate("")
    }
  }

  peerClosed(code: number, reason: string): void {
    // A client that closed reports the server's answer; a server reports its own code.
    if (this.#connection.isOpen || this.#connection.isClient) this.#close = { code, reason }
    this.#answerInTurn()
  }

  peerViolated(code: number, reason: string): void {
    if (this.#connection.isOpen) {
      this.#close = { code, reason }
      this.#closedHere = true
    }
    this.#answerInTurn()
  }

  /** The peer's bytes have ended, with or without a close frame. */
  peerEnded(): void {
    this.#connection.inTurn(() => {
      // A peer that sent a close frame may still read the answer.
      if (this.#state === State.Answering) return
      // The peer may never read what is still held for it, so a deadline begins.
      if (this.#state === State.Open) this.#connection.expectEnd()
      this.#end()
    })
  }

  /** The socket is gone. Returns the code and reason of the end; `undefined` if they were returned before. */
  finish(): Close | undefined {
    if (this.#state === State.Closed) return undefined
    this.#state = State.Closed
    return this.#close ?? { code: CloseCode.Abnormal, reason: "" }
  }

  /** The peer sends nothing more. A close frame with `#close` is sent after the messages before are handled. */
  #answerInTurn(): void {
    if (this.#state === State.Open) this.#state = State.Answering
    this.#connection.inTurn(() => {
      if (this.#state !== State.Answering) return this.#end()
      const { handler } = this.#connection
      if (handler?.onClosing === undefined) return this.#answer()
      this.#connection.expectEnd()
      handler.onClosing()
    })
  }

  #answer(): void {
    const { code, reason } = this.#close ?? { code: CloseCode.NoStatus, reason: "" }
    this.#sendClose(code, reason, State.Ending)
    this.#connection.end()
  }

  #sendClose(code: number, reason: string, next: number): void {
    this.#connection.sendFrame(Frame.ofControl(Frame.Opcode.Close, Frame.closePayload(code, reason)))
    this.#connection.seal()
    this.#state = next
    this.#connection.expectEnd()
    // The peer's close frame must be read, so no reason to pause counts any more.
    this.#connection.readOn()
  }

  /** Ends the socket's writing side after what is gathered. */
  #end(): void {
    if (this.#state === State.Closed) return
    this.#connection.seal()
    this.#state = State.Ending
    this.#connection.end()
  }
}
