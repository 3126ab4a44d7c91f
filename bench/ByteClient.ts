import { randomBytes } from "node:crypto"
import * as net from "node:net"

/** A text frame of a client. */
export const frame = (text: string): Buffer => {
  const payload = Buffer.from(text)
  const mask = randomBytes(4)
  const head =
    payload.length < 126 ? [0x81, 0x80 | payload.length] : [0x81, 0xfe, payload.length >> 8, payload.length & 255]
  return Buffer.concat([Buffer.from(head), mask, payload.map((byte, index) => byte ^ mask[index % 4]!)])
}

/** A client that counts bytes, because decoding would take more than what is measured. */
export class ByteClient {
  received = 0
  /** Called when this many bytes have come in all. */
  #waiting: { readonly bytes: number; readonly done: () => void; readonly lost: (why: Error) => void } | undefined
  readonly #socket: net.Socket

  constructor(socket: net.Socket) {
    this.#socket = socket
    let last = ""
    socket.on("data", (bytes) => {
      this.received += bytes.length
      last = bytes.toString("latin1")
      if (this.#waiting === undefined || this.received < this.#waiting.bytes) return
      this.#waiting.done()
      this.#waiting = undefined
    })
    socket.on("close", () =>
      this.#waiting?.lost(new Error(`the server closed a connection after ${JSON.stringify(last)}`))
    )
  }

  static open(port: number): Promise<ByteClient> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host: "127.0.0.1", port, noDelay: true })
      const key = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      socket.once("error", reject)
      socket.write(
        `GET /connection/websocket HTTP/1.1\r\nHost: localhost\r\n${key}Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`
      )
      socket.once("data", (bytes) =>
        String(bytes).startsWith("HTTP/1.1 101") ? resolve(new ByteClient(socket)) : reject(new Error(String(bytes)))
      )
    })
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  until(bytes: number): Promise<void> {
    if (this.received >= bytes) return Promise.resolve()
    return new Promise((done, lost) => {
      this.#waiting = { bytes, done, lost }
    })
  }

  /** The length of the next message of the server, with its frame. */
  async next(): Promise<number> {
    const before = this.received
    await this.until(before + 1)
    return this.received - before
  }

  end(): void {
    this.#socket.destroy()
  }
}
