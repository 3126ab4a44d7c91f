import type { Close } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"

/** What a connection's owner does with what comes. Called inside a chunk; after `onClose` nothing is called. */
export interface Handler {
  readonly onMessage: (message: Message) => void
  /** A pong came, with what the ping said: one byte a character. */
  readonly onPong?: (payload: string) => void
  /**
   * The peer begins to close, or broke the protocol: no more messages come. A handler that still works on what came before
   * answers with `close` when it has sent what it has to say; for a handler without this the close frame is sent at once.
   */
  readonly onClosing?: () => void
  /**
   * This side is to end, with this code: a handler that has something to say before closes by itself, for which it has as
   * long as a closing handshake may take. For a handler without this the connection is closed at once.
   */
  readonly onLeaving?: (close: Close) => void
  /** The connection is given up, because the process holds too much: what the handler keeps of its messages is to be dropped. */
  readonly onGivenUp?: () => void
  readonly onClose: (close: Close) => void
}
