/** The parts of its owners that a connection (`C`) uses: of its reactor, and of the endpoint that let it in. */
import type * as Scheduler from "effect/Scheduler"
import type { Close } from "../Frames/CloseCode.ts"
import type { DecoderOptions } from "../Frames/FrameDecoder.ts"
import type { Message } from "../Frames/Message.ts"
import type { PerMessageDeflate } from "../Frames/PerMessageDeflate.ts"
import type { Timer } from "./EffectTimer.ts"
import type { MemoryBudget } from "./MemoryBudget.ts"
import type { TurnBudget } from "./TurnBudget.ts"
import type { WriterContext } from "./Writer.ts"

/** The events of a connection: a message, an action to run once the messages before it are handled, or the end. */
export type ConnectionEvent<C> = Message | Close | ((connection: C) => void)

/** Shared by all connections. */
export interface ConnectionContext<C> extends WriterContext {
  /** Is told what the connection holds for its peer. */
  readonly memory: Pick<MemoryBudget, "note">
  readonly timer: Timer
  /** For fibers that messages wake. */
  readonly scheduler: Scheduler.Scheduler
  /** Called for each message, for what is to be done when those before were handled, and for the end as the last. */
  readonly receive: (connection: C, event: ConnectionEvent<C>) => void
  /** Called when the closing handshake begins: the connection must be terminated if the end does not come. */
  readonly closing: (connection: C) => void
  /** The connections that a handler does not read: `abandon` must be called for one that is not read again in time. */
  readonly unread: Watched<C>
  /** The connections that have begun a message: `tooLate` must be called if it is not finished in time. */
  readonly unfinished: Watched<C>
  /** For messages that take long. */
  readonly turns: TurnBudget
  /** Called when the socket is gone. */
  readonly closed: (connection: C) => void
  /** Called with what a callback threw. */
  readonly failed: (connection: C, error: unknown) => void
}

/** Connections that something must become of in time. */
interface Watched<C> {
  /** Begins the time, unless it has begun. */
  readonly add: (connection: C) => void
  readonly delete: (connection: C) => void
}

/** Hears of a connection's end: whoever let it in counts it until then. */
export interface Tally<C> {
  readonly closed: (connection: C, close: Close) => void
}

export interface ConnectionOptions extends DecoderOptions {
  /** The path of a server's endpoint, for the log. */
  readonly path?: string
  /** The most bytes to hold for a peer that does not read, with those of the socket; over it the connection is closed with 1008. */
  readonly maxQueued: number
  /** Compresses what is sent, and inflates what comes, where both sides agreed on that. */
  readonly compression?: PerMessageDeflate
  /** Messages, their fragments, pings and pongs a second that are read; a peer that sends more is read slower. None: as many as come. */
  readonly maxRate?: number
}
