import type { Message } from "../Frames/Message.ts"
import type { PreparedMessage } from "../Frames/PreparedMessage.ts"

/**
 * The part of a connection that a conversation uses. A `Connection` of this package is a transport; so are a browser's
 * `WebSocket` and the two ends of a connection in memory.
 */
export interface Transport {
  /** Unique in this process. */
  readonly id: number
  /** Whether messages can be sent. False once either side closes. */
  readonly isOpen: boolean
  /** Bytes that were sent but have not left this process. */
  readonly queued: number
  send(message: Message): void
  sendPrepared(prepared: PreparedMessage): void
  /** Calls `f` when all sent messages have left this process, or never will. Returns a function that stops the wait. */
  onceDrained(f: () => void): () => void
  close(code?: number, reason?: string): void
  /** Counts a received message of this length that waits. With too many the peer is not read, if that is possible. */
  retain(length: number): void
  /** A message that was counted has been taken, or dropped. */
  release(length: number): void
}
