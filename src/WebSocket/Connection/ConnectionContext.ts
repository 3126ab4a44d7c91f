/** The parts of a connection's (`C`) owners that it uses: of its reactor, and of the endpoint that accepted it. */
import type * as Scheduler from "effect/Scheduler"
import type { Timer } from "../../Time/Timer.ts"
import type { Close } from "../Frames/CloseCode.ts"
import type { DecoderOptions } from "../Frames/FrameDecoder.ts"
import type { Message } from "../Frames/Message.ts"
import type { PerMessageDeflate } from "../Frames/PerMessageDeflate.ts"
import type { Deadlines } from "./Deadlines.ts"
import type { MemoryBudget } from "./MemoryBudget.ts"
import type { Sender } from "./Outbox.ts"
import type { Traffic } from "./Traffic.ts"
import type { TurnBudget } from "./TurnBudget.ts"

/** The events of a connection: a message, an action to run once the messages before it are handled, or the end. */
export type ConnectionEvent<C> = Message | Close | ((connection: C) => void)

/** Shared by all connections, for their writers. */
export interface WriterContext {
  readonly traffic: Traffic
  /** Whether sockets are read and written past their streams, where this version of Node allows it. */
  readonly isDirect: boolean
  /** Called when a writer has something to send: once until it is flushed. */
  readonly touch: (sender: Sender) => void
}

type Watch<C> = Pick<Deadlines<C>, "add" | "delete" | "stop">

/** Shared by all connections. */
export interface ConnectionContext<C> extends WriterContext {
  /** Counts what the connection keeps for its peer. */
  readonly memory: MemoryBudget
  readonly timer: Timer
  readonly scheduler: Scheduler.Scheduler
  /** Called for each message, for each action that must run after the messages before it, and last for the end. */
  readonly receive: (connection: C, event: ConnectionEvent<C>) => void
  /** The closing handshake begins. A connection that does not end it in time is terminated. */
  readonly closing: (connection: C) => void
  /** The connections that are not read at the moment. One that is not read again in time is closed. */
  readonly unread: Watch<C>
  /** The connections whose peer has begun a message. One that does not finish it in time is closed. */
  readonly unfinished: Watch<C>
  /** The time that slow messages, such as compressed ones, may take in a turn of the event loop. */
  readonly turns: TurnBudget
  /** Called when the socket is gone. */
  readonly closed: (connection: C) => void
  /** Called with what a callback threw. */
  readonly failed: (connection: C, error: unknown) => void
}

/** Is called at a connection's end, so that the endpoint that accepted it can stop counting it. */
export interface Tally<C> {
  readonly closed: (connection: C, close: Close) => void
}

export interface ConnectionOptions extends DecoderOptions {
  /** The path of the server's endpoint, for the log. */
  readonly path?: string
  /** The most bytes to hold for a peer that does not read, with those in the socket. More close it with 1008. */
  readonly maxQueued: number
  /** Compresses sent messages and inflates received ones, if both sides agreed on compression (RFC 7692). */
  readonly compression?: PerMessageDeflate
  /** The most messages, fragments, pings and pongs to read in a second; more are read slower. Any unless given. */
  readonly maxRate?: number
}
