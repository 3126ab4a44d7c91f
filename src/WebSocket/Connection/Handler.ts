import type { Close } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"

/** A connection's callbacks. All except `onAscii` are called inside a chunk, none after `onClose`. */
export interface Handler {
  /** How to close a peer that reads too slowly. With 1008 unless given. */
  readonly slow?: Close
  /** A message came: a string, or bytes that the handler may keep. */
  readonly onMessage: (message: Message) => void
  /**
   * Gets an ASCII text message in the buffer into which it was read: `bytes` from `start` to `end`. They are valid only
   * during the call and must not be changed. It is called at once, outside of a chunk, and no string is made. Other
   * messages go to `onMessage` in a later chunk, and so do ASCII messages that come before that chunk: the order stays.
   */
  readonly onAscii?: (bytes: Buffer, start: number, end: number) => void
  /** A pong came. `payload` is what the ping carried, one byte for each character. */
  readonly onPong?: (payload: string) => void
  /**
   * The peer began to close or broke the protocol: no more messages come. A handler that still works on earlier
   * messages calls `close` when it has sent its last answer. Without this callback the close frame is sent at once.
   */
  readonly onClosing?: () => void
  /**
   * This side must close, with this code. A handler that wants to send something first closes by itself, within the
   * time of a closing handshake (`closeTimeout`). Without this callback the connection is closed at once.
   */
  readonly onLeaving?: (close: Close) => void
  /** The process holds too much memory, so the handler must drop what it keeps of its messages. */
  readonly onGivenUp?: () => void
  /** The connection has ended, with this code and reason. Called once. */
  readonly onClose: (close: Close) => void
}

/** A handler that does the same, and calls `ended` when the connection has ended. */
export const withEnd = (handler: Handler, ended: () => void): Handler => ({
  ...(handler.slow && { slow: handler.slow }),
  ...(handler.onAscii && { onAscii: handler.onAscii.bind(handler) }),
  ...(handler.onPong && { onPong: handler.onPong.bind(handler) }),
  ...(handler.onClosing && { onClosing: handler.onClosing.bind(handler) }),
  ...(handler.onLeaving && { onLeaving: handler.onLeaving.bind(handler) }),
  ...(handler.onGivenUp && { onGivenUp: handler.onGivenUp.bind(handler) }),
  onMessage: handler.onMessage.bind(handler),
  onClose: (close) => {
    ended()
    handler.onClose(close)
  }
})
