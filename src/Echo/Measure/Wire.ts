import * as Schema from "effect/Schema"

/** Bytes of WebSocket frames, before TLS: heads and control frames are in them, the handshake is not. */
export const Wire = Schema.Struct({ sent: Schema.Number, received: Schema.Number })
export type Wire = typeof Wire.Type

/** Counts of all connections of a network; they only grow. */
interface Volume {
  readonly bytesSent: number
  readonly bytesReceived: number
}

/** The bytes of a run, or of the part of it behind its warm-up. */
export class WireWindow {
  readonly #volume: Volume
  #sent: number
  #received: number

  constructor(volume: Volume) {
    this.#volume = volume
    this.#sent = volume.bytesSent
    this.#received = volume.bytesReceived
  }

  /** Bytes until now count not. */
  restart(): void {
    this.#sent = this.#volume.bytesSent
    this.#received = this.#volume.bytesReceived
  }

  get wire(): Wire {
    return { sent: this.#volume.bytesSent - this.#sent, received: this.#volume.bytesReceived - this.#received }
  }
}
