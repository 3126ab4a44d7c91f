/** The `WebSocket` of a browser as the transport of a conversation. */
import type { Transport } from "../Conversation/Transport.ts"
import type { Close } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"
import type { PreparedMessage } from "../Frames/PreparedMessage.ts"

/** The used part of a browser's `WebSocket`. */
export interface NativeSocket {
  binaryType: string
  readonly bufferedAmount: number
  readonly protocol: string
  readonly readyState: number
  onopen: ((event: never) => void) | null
  onclose: ((event: Close) => void) | null
  onerror: ((event: never) => void) | null
  onmessage: ((event: { readonly data: string | ArrayBuffer }) => void) | null
  send(message: Message): void
  close(code?: number, reason?: string): void
}

const OPEN = 1

/** Milliseconds between two readings of `bufferedAmount`, because browsers have no event for it. */
const POLL_INTERVAL = 20

let nextId = 1

export class NativeTransport implements Transport {
  readonly id = nextId++
  readonly #socket: NativeSocket
  #draining = new Set<() => void>()
  #timer: ReturnType<typeof setInterval> | undefined = undefined

  constructor(socket: NativeSocket) {
    this.#socket = socket
  }

  get isOpen(): boolean {
    return this.#socket.readyState === OPEN
  }

  get queued(): number {
    return this.#socket.bufferedAmount
  }

  send(message: Message): void {
    this.#socket.send(message)
  }

  sendPrepared({ message }: PreparedMessage): void {
    this.#socket.send(message)
  }

  onceDrained(f: () => void): () => void {
    if (!this.isOpen || this.queued === 0) {
      f()
      return () => {}
    }
    const wake = () => f()
    this.#draining.add(wake)
    this.#timer ??= setInterval(() => {
      if (!this.isOpen || this.queued === 0) this.settle()
    }, POLL_INTERVAL)
    return () => void this.#draining.delete(wake)
  }

  /** Resumes those who wait until all is sent: it is, or the connection is gone. */
  settle(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    const waiting = this.#draining
    this.#draining = new Set()
    for (const f of waiting) f()
  }

  /** Browsers let programs close with 1000 and 3000 to 4999 only. With any other code the close frame has no code. */
  close(code = 1000, reason = ""): void {
    if (code === 1000 || (code >= 3000 && code <= 4999)) this.#socket.close(code, clipped(reason))
    else this.#socket.close()
  }

  /** A browser can't stop reading: messages that nobody takes wait in memory. */
  retain(): void {}
  release(): void {}
}

/** Shortens a close reason to the 123 bytes that a close frame has room for. */
const clipped = (reason: string): string => {
  let text = reason.slice(0, 123)
  while (new TextEncoder().encode(text).length > 123) text = text.slice(0, -1)
  return text
}
