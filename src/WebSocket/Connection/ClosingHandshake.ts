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
 * `Connection` extends it, as it extends `Writer`: `isOpen` is read for each message, and a separate object would be
 * one more to load into the CPU cache.
 */
import { type Close, CloseCode } from "../Frames/CloseCode.ts"
import * as Frame from "../Frames/Frame.ts"
import type { Handler } from "./Handler.ts"
import { Writer, type WriterContext } from "./Writer.ts"

const State = { Open: 0, Answering: 1, Closing: 2, Ending: 3, Closed: 4 } as const

export abstract class ClosingHandshake<C extends WriterContext> extends Writer<C> {
  #state: number = State.Open
  #closedHere = false
  /** The code and reason of the end, as far as they are known. */
  #close: Close | undefined = undefined

  abstract readonly handler: Handler | undefined
  protected abstract readonly isClient: boolean
  /** Starts the deadline for the end of the connection. */
  protected abstract expectEnd(): void
  /** Calls `f` when the messages that came before are handled. */
  protected abstract inTurn(f: () => void): void
  /** Removes all reasons to pause reading. */
  protected abstract readOn(): void

  /** Whether messages can be sent, and received ones are handled. */
  get isOpen(): boolean {
    return this.#state <= State.Answering
  }

  /** Whether this side ended the connection. */
  get closedHere(): boolean {
    return this.#closedHere
  }

  /**
   * Begins the closing handshake (RFC 6455, section 7). If the peer began it, answers with the peer's own code instead.
   * What was sent before leaves first. The code is 1000 unless given; the reason has at most 123 bytes.
   */
  close(code: number = CloseCode.Normal, reason = ""): void {
    if (this.#state === State.Answering) return this.#answer()
    if (this.#state !== State.Open) return
    this.#close ??= { code, reason }
    this.#closedHere = true
    this.#sendClose(code, reason, State.Closing)
  }

  /** Closes the connection from this side, after its handler has said goodbye (`onLeaving`). */
  leave(code: number, reason: string): void {
    if (!this.isOpen) return
    const { handler } = this
    if (handler?.onLeaving === undefined) return this.close(code, reason)
    this.expectEnd()
    this.call(() => handler.onLeaving?.({ code, reason }))
  }

  /** Destroys the socket at once, without a close frame. Both sides report code 1006. */
  terminate(reason = ""): void {
    this.forget()
    if (this.isOpen) {
      this.seal()
      this.#closedHere = true
      this.#state = State.Closing
    }
    this.#close ??= { code: CloseCode.Abnormal, reason }
    this.socket.destroy()
  }

  /**
   * Ends without waiting for the peer. A peer that reads gets a close frame. The connection of one that does not is
   * terminated, because what the socket holds is freed only with the socket.
   */
  protected cutOff(close: Close): void {
    if (this.#state === State.Open && !this.blocked) {
      this.close(close.code, close.reason)
      this.#end()
    } else {
      if (this.isOpen) this.#close = close
      this.terminate()
    }
  }

  peerClosed(code: number, reason: string): void {
    // A client that closed reports the server's answer; a server reports its own code.
    if (this.isOpen || this.isClient) this.#close = { code, reason }
    this.#answerInTurn()
  }

  peerViolated(code: number, reason: string): void {
    if (this.isOpen) {
      this.#close = { code, reason }
      this.#closedHere = true
    }
    this.#answerInTurn()
  }

  /** The peer's bytes have ended, with or without a close frame. */
  protected peerEnded(): void {
    this.inTurn(() => {
      // A peer that sent a close frame may still read the answer.
      if (this.#state === State.Answering) return
      // The peer may never read what is still held for it, so a deadline begins.
      if (this.#state === State.Open) this.expectEnd()
      this.#end()
    })
  }

  /** The socket is gone. Returns the code and reason of the end; `undefined` if they were returned before. */
  protected finish(): Close | undefined {
    if (this.#state === State.Closed) return undefined
    this.#state = State.Closed
    this.seal()
    this.lose()
    return this.#close ?? { code: CloseCode.Abnormal, reason: "" }
  }

  /**
   * The peer sends nothing more. After the messages before are handled, a close frame is sent with the code of
   * `#close`.
   */
  #answerInTurn(): void {
    if (this.#state === State.Open) this.#state = State.Answering
    this.inTurn(() => {
      if (this.#state !== State.Answering) return this.#end()
      if (this.handler?.onClosing === undefined) return this.#answer()
      this.expectEnd()
      this.handler.onClosing()
    })
  }

  #answer(): void {
    const { code, reason } = this.#close ?? { code: CloseCode.NoStatus, reason: "" }
    this.#sendClose(code, reason, State.Ending)
    this.end()
  }

  #sendClose(code: number, reason: string, next: number): void {
    this.sendFrame(Frame.ofControl(Frame.Opcode.Close, Frame.closePayload(code, reason)))
    this.seal()
    this.#state = next
    this.expectEnd()
    // The peer's close frame must be read, so no reason to pause counts any more.
    this.readOn()
  }

  /** Ends the socket's writing side after what is gathered. */
  #end(): void {
    if (this.#state === State.Closed) return
    this.seal()
    this.#state = State.Ending
    this.end()
  }
}
