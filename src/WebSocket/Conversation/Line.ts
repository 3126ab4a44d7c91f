import type { Message } from "../Frames/Message.ts"
import type { PreparedMessage } from "../Frames/PreparedMessage.ts"

/**
 * The part of a connection that a conversation uses. A `Connection` of this package is one, a browser's `WebSocket` and the two
 * ends of a line in memory are others.
 */
export interface Line {
  /** Unique in this process. */
  readonly id: number
  /** Whether messages can be sent: until either side closes. */
  readonly isOpen: boolean
  /** Bytes that were sent but have not left this process. */
  readonly queued: number
  send(message: Message): void
  sendPrepared(prepared: PreparedMessage): void
  /** Calls `f` when all that was sent has left this process, or never will. */
  onceDrained(f: () => void): void
  close(code?: number, reason?: string): void
  /** Tells, now and then, how many bytes of its messages wait to be taken. */
  noteWaiting(bytes: number): void
  /** Stops or resumes the delivery of messages, where that is possible. */
  pause(): void
  resume(): void
}
