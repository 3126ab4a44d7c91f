import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { Op } from "../Scenario/Op.ts"
import type { Link } from "./Dialer.ts"
import type { ScriptedConversation } from "./ScriptedConversation.ts"

/** The server reads too slowly: since when, and how many bytes wait for it. */
export interface Blocked {
  readonly _tag: "Blocked"
  readonly since: number
  readonly queued: number
  /** The server must read something within this time, in milliseconds. */
  readonly timeout: number
}

/** A request over HTTP that has no answer yet. */
export interface Requesting {
  readonly _tag: "Requesting"
  readonly op: Op & { readonly _tag: "Http" }
  readonly host: string
  readonly giveUp: () => void
}

/** The client has no connection and will connect again. */
export interface Away {
  readonly _tag: "Away"
  /** The failure that ended the connection; `undefined` if a step closed it. */
  readonly failure: Failure | undefined
}

/**
 * The state of a client. It says what the client's deadline means.
 *
 *     Waiting -> Running -> Connecting -> Running <-> Pausing, Pacing, Blocked, Expect, ExpectClose, Ping, Requesting, Scripted
 *                               ^              |
 *                               |     Finishing -> Closing -> Done
 *                               |
 *                              Away <- Reconnect, or any state with a connection when the connection is lost
 *
 * Every state between Connecting and Closing can go to Done, by a failure or because the server closed. A client that waits
 * for a message is in the state of the operation that waits. All clients share the values of the states without data.
 */
export type State =
  /** The conversation has not started. */
  | { readonly _tag: "Waiting" }
  | { readonly _tag: "Connecting"; readonly giveUp: () => void }
  /** Waits for the answer to an HTTP request. */
  | Requesting
  /** Runs its steps. This lasts only during a call. */
  | { readonly _tag: "Running" }
  /** Waits for the end of a `wait`. */
  | { readonly _tag: "Pausing" }
  /** Waits until its next round is due. There is no deadline before the plan has begun. */
  | { readonly _tag: "Pacing" }
  /** Waits until it checks again whether the server has read enough. */
  | Blocked
  /** Waits for a reply, the server's close, or a pong. */
  | (Op & { readonly _tag: "Expect" | "ExpectClose" | "Ping" })
  /** A script runs the conversation. The deadline is for the message that the script waits for. */
  | { readonly _tag: "Scripted"; readonly talk: ScriptedConversation }
  /** Waits until the server has answered the close. Then the client connects again. */
  | (Op & { readonly _tag: "Reconnect" })
  /** Has no connection and waits until it connects again. */
  | Away
  /** After its last step, until all data that was read with it is handled. */
  | { readonly _tag: "Finishing" }
  /** Waits until the server has answered the close. */
  | { readonly _tag: "Closing" }
  | { readonly _tag: "Done" }

export const waiting: State = { _tag: "Waiting" }
export const running: State = { _tag: "Running" }
export const pausing: State = { _tag: "Pausing" }
export const pacing: State = { _tag: "Pacing" }
export const finishing: State = { _tag: "Finishing" }
export const closing: State = { _tag: "Closing" }
export const done: State = { _tag: "Done" }

/** A client's connection to the server. */
export type Line =
  /** The client does not connect yet, or the connection is over. */
  | { readonly _tag: "None" }
  /** The client connects, or sends the HTTP requests that come before. */
  | { readonly _tag: "Opening" }
  | { readonly _tag: "Open"; readonly link: Link }
  /** The server closed. Messages that came before the close still have to be checked. */
  | { readonly _tag: "Closed"; readonly close: Close }

export const none: Line = { _tag: "None" }
export const opening: Line = { _tag: "Opening" }
