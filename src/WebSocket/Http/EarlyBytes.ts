/**
 * What a client sends while it is decided whether it is let in: kept up to a limit, past which it is not read. Reading also
 * tells when the client leaves: its socket is then destroyed, and whoever decides hears of that.
 */
import type { Socket } from "node:net"

/** Bytes that are kept. */
const MAX_EARLY = 64 * 1024

export class EarlyBytes {
  readonly #socket: Socket
  readonly #chunks: Array<Buffer>
  #length: number

  /** `head`: what came with the request. */
  constructor(socket: Socket, head: Buffer) {
    this.#socket = socket
    this.#chunks = [head]
    this.#length = head.length
    // A reset would otherwise be an uncaught exception.
    socket.on("error", ignore)
    socket.on("end", this.#onEnd)
    socket.on("data", this.#onData)
  }

  /** Ends the watch, and gives all that came. Whoever reads the socket next must listen to it at once. */
  take(): Buffer {
    this.#socket.off("data", this.#onData)
    this.#socket.off("end", this.#onEnd)
    this.#socket.off("error", ignore)
    this.#socket.resume()
    return Buffer.concat(this.#chunks)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length > MAX_EARLY) this.#socket.pause()
  }

  readonly #onEnd = (): void => {
    this.#socket.destroy()
  }
}

const ignore = (): void => {}
