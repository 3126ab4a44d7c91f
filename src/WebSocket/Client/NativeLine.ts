/** A `WebSocket` of a browser as the line of a conversation. */
import type { Line } from "../Conversation/Line.ts"
import type { Close } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"
import type { PreparedMessage } from "../Frames/PreparedMessage.ts"

/** The part of a browser's `WebSocket` that is used. */
export interface NativeSocket {
  binaryType: string
  readonly bufferedAmount: number
  readonly protocol: string
  readonly readyState: number
  onopen: ((event: never) => void) | null
  onclose: ((event: Close) => void) | null
  onmessage: ((event: { readonly data: string | ArrayBuffer }) => void) | null
  send(message: Message): void
  close(code?: number, reason?: string): void
}

const OPEN = 1

/** Milliseconds between two looks at what has left: browsers do not tell. */
const LOOK = 20

let nextId = 1

export class NativeLine implements Line {
  readonly id = nextId++
  readonly #socket: NativeSocket
  #draining: Array<() => void> = []
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

  onceDrained(f: () => void): void {
    if (!this.isOpen || this.queued === 0) return f()
    this.#draining.push(f)
    this.#timer ??= setInterval(() => {
      if (!this.isOpen || this.queued === 0) this.settle()
    }, LOOK)
  }

  /** No more will be sent: those who wait for that go on. */
  settle(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    const waiting = this.#draining
    this.#draining = []
    for (const f of waiting) f()
  }

  /** Browsers let programs say 1000 and 3000 to 4999, and no other code. */
  close(code = 1000, reason = ""): void {
    if (code === 1000 || (code >= 3000 && code <= 4999)) this.#socket.close(code, clipped(reason))
    else this.#socket.close()
  }

  /** A browser reads as fast as it can: what is not taken waits in memory. */
  noteWaiting(): void {}
  pause(): void {}
  resume(): void {}
}

/** A reason has 123 bytes at most. */
const clipped = (reason: string): string => {
  let text = reason.slice(0, 123)
  while (new TextEncoder().encode(text).length > 123) text = text.slice(0, -1)
  return text
}
