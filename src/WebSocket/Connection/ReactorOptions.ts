/** The options of a reactor, and what they are unless given. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { ofMachine } from "./MemoryBudget.ts"

/** The limits that hold for all connections of a reactor. Times are in milliseconds. */
export interface ReactorOptions {
  /**
   * A chunk of this many messages is handled without waiting for the end of the event loop's turn. 1,024 unless given.
   */
  readonly batch: number
  /**
   * Milliseconds until a connection that is closing is terminated, if its peer does not finish the closing handshake.
   * 5,000 unless given.
   */
  readonly closeTimeout: number
  /**
   * Milliseconds for which a peer may be left unread, because its handler takes no messages or waits until it reads.
   * Then it is closed with 1013, or with 1008 if it does not read. 300,000 unless given.
   */
  readonly unreadTimeout: number
  /**
   * Milliseconds from the first byte of a message to its last. A peer that takes longer is closed with 1008. 120,000
   * unless given.
   */
  readonly messageTimeout: number
  /**
   * Milliseconds of a heartbeat round. A peer that is silent for a round is pinged, and terminated if it is silent for
   * another. 0, the default: no pings.
   */
  readonly heartbeat: number
  /**
   * Bytes to keep for all peers together: bytes to send, messages that wait for a handler, unfinished messages. Over
   * this limit the connections for which most is kept are closed with 1013. A quarter of the memory of the machine or container
   * unless given, and then at least 64 MiB.
   */
  readonly maxMemory: number
  /**
   * Whether sockets are read and written past Node's streams, which saves most of their cost and rests on what Node does
   * not promise (docs/decisions 6 and 7). Where a version of Node has not what it needs, the streams are used. As the
   * environment variable `EFFECT_C10K_DIRECT_IO` says unless given; `true` without that.
   */
  readonly directIo: boolean
}

const defaults: Omit<ReactorOptions, "maxMemory" | "directIo"> = {
  batch: 1024,
  closeTimeout: 5000,
  unreadTimeout: 300_000,
  messageTimeout: 120_000,
  heartbeat: 0
}

const directIoOfEnvironment = Config.withDefault(Config.boolean("EFFECT_C10K_DIRECT_IO"), true)

/** The options with all that is not given. */
export const complete = (options?: Partial<ReactorOptions>): Effect.Effect<ReactorOptions> =>
  Effect.map(
    options?.directIo === undefined ? Effect.orDie(directIoOfEnvironment) : Effect.succeed(true),
    (directIo) => ({
      ...defaults,
      ...options,
      maxMemory: options?.maxMemory ?? ofMachine(),
      directIo: options?.directIo ?? directIo
    })
  )
