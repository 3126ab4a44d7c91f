/** Handshakes, frames and sockets of a client that sends exactly the given bytes. Without Effect, so that a process with it starts fast. */
import type * as Net from "node:net"

const KEY = "dGhlIHNhbXBsZSBub25jZQ=="

export const request = (path: string, headers: Readonly<Record<string, string>> = {}): string =>
  `${[
    `GET ${path} HTTP/1.1`,
    ...Object.entries({
      Host: "localhost",
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Key": KEY,
      "Sec-WebSocket-Version": "13",
      ...headers
    }).map(([name, value]) => `${name}: ${value}`)
  ].join("\r\n")}\r\n\r\n`

const key = Buffer.from([0x37, 0xfa, 0x21, 0x3d])

/**
 * A frame as a client sends it, masked. `first` has the bits of the first byte beside the opcode: 0x80 means the last
 * frame.
 */
export const frame = (opcode: number, payload: string | Uint8Array, first = 0x80): Buffer => {
  const bytes = Buffer.from(payload)
  const { length } = bytes
  const header =
    length < 126
      ? Buffer.from([first | opcode, 0x80 | length])
      : length < 0x10000
        ? Buffer.from([first | opcode, 0x80 | 126, length >> 8, length & 0xff])
        : Buffer.from([first | opcode, 0x80 | 127, 0, 0, 0, 0, ...uint32(length)])
  return Buffer.concat([header, key, masked(bytes, key)])
}

/** A copy of the bytes, masked or unmasked. A loop, because a callback for each byte of 16 MiB takes most of the time of a test. */
export const masked = (bytes: Uint8Array, key: Uint8Array): Buffer => {
  const copy = Buffer.from(bytes)
  for (let i = 0; i < copy.length; i++) copy[i]! ^= key[i & 3]!
  return copy
}

const uint32 = (n: number): ReadonlyArray<number> => [n >>> 24, (n >> 16) & 0xff, (n >> 8) & 0xff, n & 0xff]

export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
}

/** A client that sends raw bytes and keeps what it receives. */
export class Peer {
  readonly socket: Net.Socket
  received = Buffer.alloc(0)
  isClosed = false
  #changed: Array<() => void> = []
  /** The buffer of `received`, with room after it. */
  #store = Buffer.alloc(0)

  constructor(socket: Net.Socket) {
    this.socket = socket
    socket.on("data", (chunk: Buffer) => {
      this.#keep(chunk)
      this.#notify()
    })
    socket.on("error", () => {})
    socket.on("close", () => {
      this.isClosed = true
      this.#notify()
    })
  }

  #keep(chunk: Buffer): void {
    const { length } = this.received
    let start = this.received.byteOffset - this.#store.byteOffset
    if (this.received.buffer !== this.#store.buffer || start + length + chunk.length > this.#store.length) {
      this.#store = Buffer.allocUnsafeSlow(2 * (length + chunk.length))
      this.received.copy(this.#store)
      start = 0
    }
    chunk.copy(this.#store, start + length)
    this.received = this.#store.subarray(start, start + length + chunk.length)
  }

  send(...parts: ReadonlyArray<string | Uint8Array>): void {
    for (const part of parts) this.socket.write(part)
  }

  /** Waits until the received bytes satisfy `f`. */
  async until<A>(f: (peer: this) => A | undefined): Promise<A> {
    for (;;) {
      const found = f(this)
      if (found !== undefined) return found
      if (this.isClosed) throw new Error(`closed after ${JSON.stringify(this.received.toString("latin1", 0, 1000))}`)
      await new Promise<void>((resolve) => this.#changed.push(resolve))
    }
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await new Promise<void>((resolve) => this.#changed.push(resolve))
  }

  /** The status of the answer to the handshake. The bytes of the answer are removed from `received`. */
  async status(): Promise<number> {
    const end = await this.until(({ received }) => {
      const at = received.indexOf("\r\n\r\n")
      return at < 0 ? undefined : at + 4
    })
    const status = Number(this.received.toString("latin1", 9, 12))
    if (status === 101) this.received = this.received.subarray(end)
    return status
  }

  /** The next frame. */
  async frame(): Promise<Frame> {
    const [frame, length] = await this.until(({ received }) => {
      if (received.length < 2) return undefined
      const short = received[1]! & 0x7f
      const key = received[1]! >= 0x80 ? 4 : 0
      const start = (short < 126 ? 2 : short === 126 ? 4 : 10) + key
      if (received.length < start) return undefined
      const length = short < 126 ? short : short === 126 ? received.readUInt16BE(2) : received.readUInt32BE(6)
      if (received.length < start + length) return undefined
      const body = received.subarray(start, start + length)
      const payload = key === 0 ? Buffer.from(body) : masked(body, received.subarray(start - 4, start))
      return [{ opcode: received[0]! & 0x0f, payload } satisfies Frame, start + length] as const
    })
    this.received = this.received.subarray(length)
    return frame
  }

  /** The code and reason of the close frame, which must be the next frame. */
  async close(): Promise<string> {
    const { opcode, payload } = await this.frame()
    if (opcode !== 8) throw new Error(`opcode ${opcode} in place of a close frame`)
    return payload.length === 0 ? "" : `${payload.readUInt16BE(0)} ${payload.toString("utf8", 2)}`
  }

  destroy(): void {
    this.socket.destroy()
  }

  #notify(): void {
    const waiting = this.#changed
    this.#changed = []
    for (const f of waiting) f()
  }
}
