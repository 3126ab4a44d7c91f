import type { Close } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"

/** The callbacks of a connection's owner. All but `onAscii` are called inside a chunk, and none is called after `onClose`. */
export interface Handler {
  readonly onMessage: (message: Message) => void
  /**
   * Takes a text message of ASCII where it was read: `bytes` from `start` to `end`, which are valid only during the call
   * and must not be changed. It is called at once, outside of a chunk, and no string is made. Other messages still go to
   * `onMessage` in a later chunk, so a handler whose messages may be of both kinds can't have this callback.
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
  /**
   * The connection is given up because the process holds too much memory. The handler must drop what it keeps of its
   * messages.
   */
  readonly onGivenUp?: () => void
  readonly onClose: (close: Close) => void
}
