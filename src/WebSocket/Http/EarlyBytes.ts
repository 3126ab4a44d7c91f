/**
 * Apart from `Upgrade`, which decides meanwhile: the bytes that a client sends before it is decided whether to accept it. They
 * are kept up to a limit; over the limit the client is not read. Reading also shows when the client leaves: then its socket is
 * destroyed, which the code that decides can see.
 */
import type { Socket } from "node:net"

/** Reading stops when more bytes than this are kept. */
const MAX_EARLY = 64 * 1024

export class EarlyBytes {
  readonly #socket: Socket
  readonly #chunks: Array<Buffer>
  #length: number

  /** `head`: the bytes that came with the request. */
  constructor(socket: Socket, head: Buffer) {
    this.#socket = socket
    this.#chunks = [head]
    this.#length = head.length
    // A reset would otherwise be an uncaught exception.
    socket.on("error", ignore)
    socket.on("end", this.#onEnd)
    socket.on("data", this.#onData)
  }

  /** Stops reading, and returns all bytes that came. The next reader of the socket must listen to it at once. */
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
