/** The options of a reactor, and what they are unless given. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { given } from "../../Given.ts"
import { ofMachine } from "./MemoryBudget.ts"

/** The limits that hold for all connections of a reactor. Times are in milliseconds. */
export interface ReactorOptions {
  /** A chunk of so many messages does not wait for the end of the event loop's turn. 1,024 unless given. */
  readonly batch: number
  /** Milliseconds for the peer to finish the closing handshake. Then it is terminated. 5,000 unless given. */
  readonly closeTimeout: number
  /**
   * Milliseconds for which a peer may be left unread, because its handler takes no messages or waits until it reads.
   * Then it is closed with 1013, or with 1008 if it does not read. 300,000 unless given.
   */
  readonly unreadTimeout: number
  /** Milliseconds for a message, from its first byte on. Later: closed with 1008. 120,000 unless given. */
  readonly messageTimeout: number
  /** Milliseconds of silence until a ping, and as many until the end without an answer. 0, the default: no pings. */
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

const directIoOfEnvironment = Effect.orDie(Config.withDefault(Config.boolean("EFFECT_C10K_DIRECT_IO"), true))

/** The options with all that is not given. */
export const complete = (options: Partial<ReactorOptions> = {}): Effect.Effect<ReactorOptions> =>
  Effect.map(options.directIo === undefined ? directIoOfEnvironment : Effect.succeed(options.directIo), (directIo) => ({
    ...defaults,
    ...given(options),
    maxMemory: options.maxMemory ?? ofMachine(),
    directIo
  }))
