import type { Close } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"

/** The callbacks of a connection's owner. They are called inside a chunk, and none is called after `onClose`. */
export interface Handler {
  readonly onMessage: (message: Message) => void
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
