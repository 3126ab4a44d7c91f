import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { Op } from "../Scenario/Op.ts"
import type { Link } from "./Dialer.ts"
import type { ScriptedTalk } from "./Talk.ts"

/** A server that does not read: since when, and how much waits for it. */
export interface Blocked {
  readonly _tag: "Blocked"
  readonly since: number
  readonly queued: number
  /** Milliseconds in which the server must read something. */
  readonly timeout: number
}

/** A request over HTTP that has no answer yet. */
export interface Requesting {
  readonly _tag: "Requesting"
  readonly op: Op & { readonly _tag: "Http" }
  readonly host: string
  readonly giveUp: () => void
}

/** Without a connection, to connect again. */
export interface Away {
  readonly _tag: "Away"
  /** The failure that ended the connection; absent if an operation closed it. */
  readonly failure: Failure | undefined
}

/**
 * The state of a client, which says what its deadline means.
 *
 *     Waiting -> Running -> Connecting -> Running <-> Pausing, Pacing, Blocked, Expect, ExpectClose, Ping, Requesting, Scripted
 *                               ^              |
 *                               |     Finishing -> Closing -> Done
 *                               |
 *                              Away <- Reconnect, and every state with a connection where it is lost
 *
 * Every state between Connecting and Closing can go to Done: by a failure, or because the server closed. A client that
 * waits for the server to say something is in the operation that it waits at. What is no operation and has no data is one
 * value for all clients.
 */
export type State =
  /** Until the conversation starts. */
  | { readonly _tag: "Waiting" }
  | { readonly _tag: "Connecting"; readonly giveUp: () => void }
  /** Until a request is answered. */
  | Requesting
  /** Goes through its steps: only within a call. */
  | { readonly _tag: "Running" }
  /** Until the end of a `wait`. */
  | { readonly _tag: "Pausing" }
  /** Until its next round is due; without end while the plan has not begun. */
  | { readonly _tag: "Pacing" }
  /** Until it looks again whether the server has read enough to send more. */
  | Blocked
  /** Until a reply must have come, the server's close, or a pong. */
  | (Op & { readonly _tag: "Expect" | "ExpectClose" | "Ping" })
  /** A script holds the conversation; until a message must have come where it waits for one. */
  | { readonly _tag: "Scripted"; readonly talk: ScriptedTalk }
  /** Until the server must have answered the close, to connect again. */
  | (Op & { readonly _tag: "Reconnect" })
  /** Without a connection until it connects again: because of a failure, or for this operation. */
  | Away
  /** Behind its last step, until what has been read with it is handled. */
  | { readonly _tag: "Finishing" }
  /** Until the server must have answered the close. */
  | { readonly _tag: "Closing" }
  | { readonly _tag: "Done" }

export const waiting: State = { _tag: "Waiting" }
export const running: State = { _tag: "Running" }
export const pausing: State = { _tag: "Pausing" }
export const pacing: State = { _tag: "Pacing" }
export const finishing: State = { _tag: "Finishing" }
export const closing: State = { _tag: "Closing" }
export const done: State = { _tag: "Done" }

/** A connection on which a client can send. */
export type Line =
  /** Not to be opened yet, or no more. */
  | { readonly _tag: "None" }
  /** Is to be opened: the client connects, or sends the requests that come before. */
  | { readonly _tag: "Opening" }
  | { readonly _tag: "Open"; readonly link: Link }
  /** The server closed, while messages that came before are still to be checked. */
  | { readonly _tag: "Closed"; readonly close: Close }

export const none: Line = { _tag: "None" }
export const opening: Line = { _tag: "Opening" }
