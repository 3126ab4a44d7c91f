import * as Monoid from "./Monoid.ts"

/** Bytes of WebSocket frames, before TLS. Headers and control frames are included, the handshake is not. */
export const wire = Monoid.struct({ sent: Monoid.sum, received: Monoid.sum })
export type Wire = typeof wire.schema.Type

/** The counts of all connections of a network since its start. */
interface Volume {
  readonly bytesSent: number
  readonly bytesReceived: number
}

/** The bytes of a run without its warm-up. */
export class WireWindow {
  readonly #volume: Volume
  #sent: number
  #received: number

  constructor(volume: Volume) {
    this.#volume = volume
    this.#sent = volume.bytesSent
    this.#received = volume.bytesReceived
  }

  /** Bytes until now do not count. */
  restart(): void {
    this.#sent = this.#volume.bytesSent
    this.#received = this.#volume.bytesReceived
  }

  get wire(): Wire {
    return { sent: this.#volume.bytesSent - this.#sent, received: this.#volume.bytesReceived - this.#received }
  }
}
