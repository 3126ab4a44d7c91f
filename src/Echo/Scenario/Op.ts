import type { Message } from "../../WebSocket/Frames/Message.ts"
import type * as Capture from "./Capture.ts"
import type * as Expectation from "./Expectation.ts"
import type { HttpOperation } from "./HttpRequest.ts"
import type * as Template from "./Template.ts"

/** The figure of a named step, and the index at which a client keeps the step's start time. */
export interface NamedStep {
  readonly figure: string
  readonly mark: number
}

export type Assignments = ReadonlyArray<readonly [name: string, value: Template.Template]>

/** A message that an `Expect` accepts, and where the client continues then. */
export interface Case {
  readonly expectation: Expectation.Expectation
  readonly captures: ReadonlyArray<{ readonly name: string; readonly read: Capture.Reader; readonly from: string }>
  /** Reads when the message was sent, as `{{$stamp}}` writes it. */
  readonly stamp: Capture.Reader | undefined
  /** Whether there is a capture or a stamp. */
  readonly reads: boolean
  next: number
}

/**
 * A scenario is a flat list of operations with jumps. So a client's place in it is one number, and a step allocates nothing.
 * `Loop` starts a `repeat`, `Round` begins each round or jumps to `end`, and `Jump` goes back to `Round`.
 */
export type Op =
  | { readonly _tag: "Wait"; readonly min: number; readonly max: number }
  | {
      readonly _tag: "Send"
      readonly render: (variables: Template.Variables) => Message
      /** `timed`: a reply may come, which ends the round trip of this message. `paced`: it is sent at a planned rate. */
      readonly timed: boolean
      readonly paced: boolean
      readonly timeout: number
      readonly step: number
      readonly name: string | undefined
      /** Whether the step of its reply names it. */
      readonly isAnsweredByName: boolean
      /** The figure of its round trips, besides those of all messages. */
      readonly figure: string | undefined
    }
  | {
      readonly _tag: "Expect"
      /** The name of the message that it waits for the answer to; `false`: its message is no reply. */
      readonly answers: string | false | undefined
      /** The messages that may come. In a `switch` each has its own steps. */
      readonly cases: readonly [Case, ...Array<Case>]
      /** How many messages must come: each of the cases once (`all`), or a number of messages that match any case. */
      readonly need: number | "all"
      /** Whether messages that match no case are skipped. */
      readonly skips: boolean
      readonly timeout: number
      readonly step: number
      readonly named: NamedStep | undefined
    }
  | { readonly _tag: "ExpectClose"; readonly code: number; readonly timeout: number }
  /** Opens the connection. It comes once, after the HTTP requests that precede it. */
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
      readonly test: (variables: Template.Variables) => boolean
      readonly otherwise: number
      readonly step: number
    }
  /** The begin and the end of a named step. */
  | { readonly _tag: "Begin"; readonly named: NamedStep }
  | { readonly _tag: "End"; readonly named: NamedStep }
  | { readonly _tag: "Loop"; readonly depth: number }
  | { readonly _tag: "Round"; readonly depth: number; readonly times: number; readonly end: number }
  | { readonly _tag: "Jump"; readonly to: number }
  | { readonly _tag: "Set"; readonly assignments: Assignments; readonly step: number }
  | { readonly _tag: "Close"; readonly code: number; readonly reason: string }
  | { readonly _tag: "Reconnect"; readonly after: number; readonly code: number; readonly timeout: number }
