import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { NamedRecorder } from "../Measure/Named.ts"
import type { Requester } from "./HttpRequest.ts"
import type * as Template from "./Template.ts"

/** Where a script connects to. The rest, such as TLS and the source address, is as the plan says. */
export interface Address {
  readonly url: string
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly subprotocols: ReadonlyArray<string>
  readonly compress: boolean
}

/** An open connection of a script. Its functions do nothing after its end. */
export interface ScriptConnection {
  /** Bytes that were sent but not yet given to the kernel. */
  readonly queued: number
  readonly send: (message: Message) => void
  readonly ping: (payload: string) => void
  readonly close: (code: number, reason: string) => void
  /** Ends the connection at once. */
  readonly terminate: () => void
}

/** Either `onFailure` once, or `onOpen`, then messages, then `onClose` once. */
export interface ScriptConnectionHandler {
  /** `time`: how long connecting and the handshake took, in milliseconds. */
  readonly onOpen: (link: ScriptConnection, time: number) => void
  readonly onFailure: (failure: Failure) => void
  readonly onMessage: (message: Message) => void
  readonly onPong: (payload: string) => void
  readonly onClose: (close: { readonly code: number; readonly reason: string }) => void
}

/** The values of a client, as scripts use them. */
export interface PlayingValues extends Template.Variables {
  readonly set: (name: string, value: string) => void
  readonly cookiesFor: (host: string) => string | undefined
  readonly takeCookies: (lines: ReadonlyArray<string>, host: string) => void
}

/** A client as scripts know it. In an open model the next client to arrive is one that has left, as in k6. */
export interface Slot {
  /** Its number, from 1, over all processes of the run. */
  readonly number: number
  /** What scripts keep from one conversation to the next. */
  readonly kept: Map<string, unknown>
}

/** The client for which a script runs. */
export interface Playing {
  readonly values: PlayingValues
  readonly named: NamedRecorder
  /** Sends an HTTP request with the settings of the scenario. */
  readonly request: Requester
  readonly now: () => number
  readonly random: () => number
  /** The timeout of the scenario, in milliseconds. */
  readonly timeout: number
  /** Opens a connection. Returns a function that gives the attempt up. Throws a `RenderError` for a URL that is none. */
  readonly dial: (to: Address, handler: ScriptConnectionHandler) => () => void
  readonly slot: Slot
  /** Counts the iterations of this name: how many there were before, in this process and, with numbers that each process has for itself, in the whole run. */
  readonly nextIteration: (name: string) => { readonly here: number; readonly inTest: number }
}

/** Which function of a script runs, and how. */
export interface Part {
  readonly function: string
  readonly iterations: number
  /** The name of k6's scenario. */
  readonly scenario: string
  readonly env: Readonly<Record<string, string>>
  /** The metrics of the script that the run has figures for. */
  readonly metrics: ReadonlyArray<string>
}

/** A script that opens its connections by itself. */
export interface Player {
  /** Runs a function for a client. `onEnd` is called once, later, unless the returned function was called, which ends everything that the script has begun. */
  readonly play: (client: Playing, part: Part, onEnd: (failure: Failure | undefined) => void) => () => void
}
