/** The two ends of a connection in memory, for code that expects sockets. */
import type { Socket } from "node:net"
import { Duplex } from "node:stream"

let nextPort = 1

class MemorySocket extends Duplex {
  readonly remoteAddress = "127.0.0.1"
  readonly remotePort = nextPort++
  #peer: MemorySocket | undefined
  /** Completes the peer's write, when its bytes are being read. */
  #taken: (() => void) | undefined
  #isEnded = false

  constructor() {
    super({ allowHalfOpen: true })
  }

  join(peer: MemorySocket): void {
    this.#peer = peer
  }

  override _read(): void {
    const taken = this.#taken
    this.#taken = undefined
    taken?.()
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // In a later turn, because no real socket reads within the other's write.
    setImmediate(() => this.#peer?.receive(chunk, done))
  }

  override _final(done: () => void): void {
    setImmediate(() => {
      this.#peer?.receive(null, done)
    })
  }

  /** `chunk` is `null` when the peer has ended its side. */
  receive(chunk: Buffer | null, done: () => void): void {
    if (this.destroyed || this.#isEnded) return done()
    this.#isEnded = chunk === null
    if (this.push(chunk) || this.#isEnded) done()
    else this.#taken = done
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#taken?.()
    const peer = this.#peer
    // A socket that was destroyed after it had ended its side just closes. Any other end is a reset.
    setImmediate(() => (this.writableFinished ? peer?.receive(null, () => {}) : peer?.destroy()))
    done(error)
  }

  /** Ends its side, and is destroyed when everything is written. */
  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once("finish", this.destroy)
  }

  /** Methods of a socket that have no effect in memory. */
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  setTimeout(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
}

/** Typed as sockets, because they have everything of a socket that this package and Node's HTTP server use. */
export const pair = (): readonly [Socket, Socket] => {
  const [one, other] = [new MemorySocket(), new MemorySocket()]
  one.join(other)
  other.join(one)
  return [one as unknown as Socket, other as unknown as Socket]
}
