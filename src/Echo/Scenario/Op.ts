import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import type * as Capture from "./Capture.ts"
import type * as Expectation from "./Expectation.ts"
import type { Player, Playing, PlayingValues } from "./Player.ts"
import type * as Template from "./Template.ts"

/** A message of the server, as it came. */
export interface Arrived {
  readonly message: Message
  /** When the message came, in milliseconds of the run's clock. Its round trip ends at this time. */
  readonly at: number
  /** The number of messages that the client had sent when it came. It is no reply to a later one. */
  readonly sends: number
  /** The name of the message that it answers, if it has been paired already, and the number of that message's step. */
  readonly answers?: string | undefined
  readonly answersStep?: number | undefined
  /** The round trip that it has ended, if it has been paired already; `NaN` if that does not count. */
  readonly roundTrip?: number | undefined
}

/** The figure of a named step, and the index at which a client keeps the step's start time. */
export interface NamedStep {
  readonly figure: string
  readonly mark: number
}

export type Assignments = ReadonlyArray<readonly [name: string, value: Template.Template]>

/** A message that an `Expect` accepts, and where the client continues then. */
export interface Case {
  readonly expectation: Expectation.Expectation
  readonly captures: ReadonlyArray<Capture.Compiled & { readonly name: string }>
  /** Reads when the message was sent, as `{{$stamp}}` writes it. */
  readonly stamp: Capture.CaptureReader | undefined
  readonly reads: boolean
  next: number
}

/** The values that the templates of one client can use, and that its steps set. */
export interface Values extends PlayingValues {
  /** The current round of each `repeat`, by depth; 0 if the client is not in it. */
  readonly rounds: Array<number>
  /** Sets variables in order. Throws a `RenderError`. */
  readonly assign: (assignments: Assignments) => void
}

/** The operation that sends a message, as far as the pairing with its reply needs it. */
export interface Sent {
  readonly step: number
  readonly name?: string | undefined
  /** Whether the step of its reply names it. */
  readonly isAnsweredByName?: boolean
  /** The figure of its round trips, besides those of all messages. */
  readonly figure?: string | undefined
}

export interface RunnerConnection {
  /** The open connection; `undefined` if there is none (any more). */
  readonly link:
    | {
        /** Bytes that were sent but not yet given to the kernel. */
        readonly queued: number
        readonly ping: (payload: string) => void
        readonly close: (code: number, reason: string) => void
      }
    | undefined
  /** Connects, and continues with the next operation or, after a `reconnect`, with the one after that. */
  readonly connect: () => void
  /** A request before the connection failed. A client that reconnects tries again, if the scenario says so. */
  readonly refuse: (failure: Failure) => void
  /** Drops the connection, and connects again after this time; with `login` after the requests that come before it. */
  readonly leaveFor: (after: number, login: boolean) => void
  /** The connection is closed or lost, so the conversation can't go on. */
  readonly endByClose: () => void
  /** The server closed while the client waits for a time. The messages that came before may be all that it waits for. */
  readonly closedInPause: (close: Close) => void
  /** The server closed. `act` runs when everything that was read with the close is handled. */
  readonly closedDuring: (close: Close, act: () => void) => void
}

export interface RunnerMessages {
  /** How many of the messages that the current operation expects have come. */
  readonly taken: number
  /** The last message that the current operation does not match. */
  readonly skipped: Message | undefined
  readonly send: (op: SendOp) => void
  readonly sendScripted: (op: Sent, message: Message) => void
  readonly expect: (op: ExpectOp) => void
  readonly expectClose: (op: Op & State, timeout: number) => void
  /** Takes a message that the current `ExpectOp` waits for. Returns whether the conversation moved on. */
  readonly accept: (op: ExpectOp, arrived: Arrived) => boolean
  readonly stray: (message: Message) => void
  /** The oldest message that came while no step took it. */
  readonly takeEarly: () => Arrived | undefined
  readonly keepEarly: (arrived: Arrived) => void
  readonly took: (arrived: Arrived) => void
}

/** When the named steps of a client began. */
export interface RunnerTimes {
  readonly begin: (named: NamedStep) => void
  readonly beganAt: (named: NamedStep) => number
  /** The step is over: records its time. */
  readonly finish: (named: NamedStep) => void
}

/** The client that runs a program, as its operations see it. Times are milliseconds of the run's clock. */
export interface Runner extends Playing {
  /** The index of the current operation. An operation that does not wait sets the next one. */
  at: number
  readonly values: Values
  readonly connection: RunnerConnection
  readonly messages: RunnerMessages
  readonly times: RunnerTimes
  /** The answer of many messages that comes: when its request was sent, and when its last message came. */
  stream: { readonly from: number; readonly at: number } | undefined
  readonly state: object
  /** Continues with the operation at `at`. */
  readonly step: () => void
  /** Continues with the operation after the current one. */
  readonly next: () => void
  /** Waits in this state until something happens or the deadline comes. */
  readonly until: (state: State, deadline: number) => void
  /** Moves the deadline of the present state. */
  readonly extend: (deadline: number) => void
  /** The conversation is over, with or without a failure. */
  readonly end: (failure?: Failure) => void
  /** The function of a `script` step, by the file that the step names. */
  readonly scriptOf: (file: string) => unknown
  /** The script of a `k6` step, by the file that the step names. */
  readonly playerOf: (file: string) => Player | undefined
  /** Whether the client is to begin nothing new, because the run ends or has fewer clients now. */
  readonly isOver: () => boolean
  /** Ends the conversation because its time is over. It is neither right nor failed, but `cut`. */
  readonly interrupt: () => void
  /** Begins a round of the open-ended `repeat`, waits until it is due, or leaves it. */
  readonly enterPaced: (end: number, depth: number) => void
  /** After the last operation: closes the connection. */
  readonly finish: (code: number, reason: string) => void
}

/** A state in which a client waits. It says what each event does to the client. */
export interface State<Client = Runner> {
  readonly _tag: string
  readonly onDeadline: (client: Client) => void
  /** Absent: the message is kept for the step that will expect it. */
  readonly onMessage?: (client: Client, arrived: Arrived) => void
  readonly onPong?: (client: Client, payload: string) => void
  /** The plan has changed, or the run has ended. */
  readonly onWake?: (client: Client) => void
  /** Absent: the connection is lost. */
  readonly onClose?: (client: Client, close: Close) => void
  /** The client leaves this state for good, because its connection or the run ends. */
  readonly onLeave?: () => void
}

/**
 * One operation of a compiled scenario, which is a flat list with jumps. So a client's place in it is one number, and a step
 * allocates nothing.
 */
export interface Op {
  readonly _tag: string
  /** What failures call its step. */
  readonly step?: string
  /** Sets `client.at`, or makes the client wait. Throws a `RenderError`. */
  readonly run: (client: Runner) => void
  readonly sends?: SendOp
  readonly expects?: ExpectOp
  /** Whether it may take any message, as a script does. */
  readonly takesAny?: boolean
  readonly closedWith?: number
  readonly to?: number
}

export interface SendOp extends Sent {
  readonly render: (variables: Template.Variables) => Message
  /** Whether a reply may come, which ends the round trip of this message. The compiler decides it when it knows all operations. */
  timed: boolean
  readonly paced: boolean
  readonly timeout: number
}

/** Waits for messages. It is also the state of a client that waits for them. */
export interface ExpectOp extends Op, State {
  readonly step: string
  /** The number of its step. A step of a protocol has one number for its request and for the reply. */
  readonly number: number
  /** The name of the message that it waits for the answer to; `false`: its message is no reply. */
  readonly answers: string | false | undefined
  /** The messages that may come. In a `switch` each has its own steps. */
  readonly cases: readonly [Case, ...Array<Case>]
  /** How many messages must come: each of the cases once (`all`), or a number of messages that match any case. */
  readonly need: number | "all"
  /** Whether messages that match no case are skipped. */
  readonly skips: boolean
  readonly timeout: number
  readonly named: NamedStep | undefined
  /** Called with each message that it takes and that message's round trip. Only for an answer of many messages. */
  readonly onTaken?: ((client: Runner, found: Case, at: number, roundTrip: number | undefined) => void) | undefined
}
