import type { Message } from "../../WebSocket/Frames/Message.ts"
import type * as Capture from "./Capture.ts"
import type * as Expectation from "./Expectation.ts"
import type { HttpOperation } from "./HttpRequest.ts"
import type * as Template from "./Template.ts"

/** The name of a step's times, and where a client keeps when it began. */
export interface NamedStep {
  readonly figure: string
  readonly mark: number
}

export type Assignments = ReadonlyArray<readonly [name: string, value: Template.Template]>

/** A message that an `Expect` takes, and where the client goes on then. */
export interface Case {
  readonly expectation: Expectation.Expectation
  readonly captures: ReadonlyArray<{ readonly name: string; readonly read: Capture.Reader; readonly from: string }>
  /** Reads when the message was sent, in microseconds as `{{$stamp}}` writes them. */
  readonly stamp: Capture.Reader | undefined
  /** Whether there is any of these two. */
  readonly tells: boolean
  next: number
}

/**
 * A scenario as a flat list of operations with jumps, so that a client's place in it is one number and a step costs no
 * allocation. `Loop` starts a `repeat`, `Round` begins each of its rounds or leaves for `end`, `Jump` goes back to it.
 */
export type Op =
  | { readonly _tag: "Wait"; readonly min: number; readonly max: number }
  | {
      readonly _tag: "Send"
      readonly render: (variables: Template.Variables) => Message
      /** Whether a reply is timed from it, and whether a planned rate calls for it. */
      readonly timed: boolean
      readonly paced: boolean
      readonly timeout: number
      readonly step: number
    }
  | {
      readonly _tag: "Expect"
      /** The messages that may come. In a `switch` each leads to steps of its own. */
      readonly cases: readonly [Case, ...Array<Case>]
      /** How many must come: `all` the cases, each once, or so many that match any. */
      readonly need: number | "all"
      /** Whether what matches no case is skipped. */
      readonly skips: boolean
      readonly timeout: number
      readonly step: number
      readonly named: NamedStep | undefined
    }
  | { readonly _tag: "ExpectClose"; readonly code: number; readonly timeout: number }
  /** Opens the connection: once, behind the requests that come before it. */
  | { readonly _tag: "Connect" }
  | (HttpOperation & {
      readonly _tag: "Http"
      readonly timeout: number
      readonly step: number
      readonly figure: string | undefined
    })
  | { readonly _tag: "Script"; readonly file: string; readonly timeout: number; readonly step: number }
  | { readonly _tag: "Ping"; readonly timeout: number; readonly step: number }
  | {
      readonly _tag: "If"
      readonly holds: (variables: Template.Variables) => boolean
      readonly otherwise: number
      readonly step: number
    }
  /** A step with figures of its own begins, and is over. */
  | { readonly _tag: "Begin"; readonly named: NamedStep }
  | { readonly _tag: "End"; readonly named: NamedStep }
  | { readonly _tag: "Loop"; readonly depth: number }
  | { readonly _tag: "Round"; readonly depth: number; readonly times: number; readonly end: number }
  | { readonly _tag: "Jump"; readonly to: number }
  | { readonly _tag: "Set"; readonly assignments: Assignments; readonly step: number }
  | { readonly _tag: "Close"; readonly code: number; readonly reason: string }
  | { readonly _tag: "Reconnect"; readonly after: number; readonly code: number; readonly timeout: number }
