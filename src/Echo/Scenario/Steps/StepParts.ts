import * as Schema from "effect/Schema"
import type { Names } from "../../Measure/Named.ts"
import type { ExpectedMessage } from "../Expected.ts"
import type { ExpectOp, NamedStep, Op, Runner } from "../Op.ts"
import type { Files } from "../Payload.ts"

/** A list of steps inside a step: the path to it, and the variables that have a value when it begins. */
interface Nested<S> {
  readonly path: ReadonlyArray<PropertyKey>
  readonly steps: ReadonlyArray<S>
  readonly sets?: ReadonlyArray<string>
}

/** The reason why a scenario can't be run, and the step because of which, if it is one. */
export interface Refused {
  readonly message: string
  readonly step?: object | undefined
}

export interface Nesting {
  /** The number of repeats around it. */
  readonly depth: number
  /** Whether the conversation may end with its last step. */
  readonly mayEnd: boolean
}

export interface CompileOptions {
  readonly files: Files
  /** Whether the messages of the open-ended repeat are sent at a planned rate. */
  readonly paced: boolean
  /** The timeout of steps without their own, in milliseconds. */
  readonly timeout: number
  readonly ignoresUnmatched: boolean
  /** Whether replies are paired with messages by a key in both. */
  readonly keyed: boolean
  /** The names of messages that steps wait for the answers to. */
  readonly answered: ReadonlySet<string>
}

/** Collects the operations of a scenario while its steps are compiled. */
export interface Builder<S> {
  readonly options: CompileOptions
  readonly ops: Array<Op>
  /** Whether the steps are inside the open-ended repeat. */
  readonly isInOpenEnded: boolean
  readonly add: (op: Op) => undefined
  /** Adds an operation of this step that waits for messages. */
  readonly await: (own: Own, how: Awaiting) => undefined
  readonly steps: (steps: ReadonlyArray<S>, place: Nesting) => Refused | undefined
  /** Alternative lists of steps. A client runs one of them and continues after the last. */
  readonly branches: (
    branches: ReadonlyArray<{ readonly steps: ReadonlyArray<S>; readonly enter: (at: number) => void }>,
    place: Nesting
  ) => Refused | undefined
  /** Compiles the steps of the repeat that lasts until the end. */
  readonly openEnded: (
    place: Nesting,
    steps: ReadonlyArray<S>,
    inside: () => Refused | undefined
  ) => Refused | undefined
  /** Repeats are nested this deep. */
  readonly nest: (depth: number) => void
}

type Awaiting = Pick<ExpectOp, "cases" | "need" | "skips" | "answers"> & {
  readonly timeout: number | undefined
  /** Its figure, if it has the round trip that the message ends. */
  readonly named?: NamedStep | undefined
  readonly onTaken?: ExpectOp["onTaken"]
}

/** The place of a step, and what it needs to know of itself. */
export interface Own {
  /** Its number among the steps as they stand in the file, from 1; 0: the protocol begins with it. */
  readonly number: number
  /** What failures call it: its number, and its name if it has one. */
  readonly label: string
  readonly name: string | undefined
  /** Its figure, if it is recorded by the operations of the step. */
  readonly named: NamedStep | undefined
  readonly place: Nesting
}

/** What is known of one step of a scenario before the run. Absent members mean: no, none, or zero. */
export interface StepParts<S> {
  readonly kind: string
  /** The lists of steps inside. A client runs one of them (or none, if `mayBeSkipped`), or repeats the only one. */
  readonly nested?: ReadonlyArray<Nested<S>>
  readonly mayBeSkipped?: boolean
  /** How often the nested steps run; `undefined` until the end of the run. Absent: at most once. */
  readonly repeats?: { readonly times: number | undefined }
  /** The conditions on messages, except those that are plain texts. */
  readonly messages?: ReadonlyArray<ExpectedMessage>
  readonly sets?: ReadonlyArray<string>
  /** Texts that are templates, and the variables that they set in this order. Only for `set`. */
  readonly assigns?: Readonly<Record<string, unknown>>
  /** The name of the message that it waits for the answer to; `false`: its message is no reply. */
  readonly answers?: string | false | undefined
  /** Whether it sends a message that gets a reply. */
  readonly isAnswered?: boolean
  /** The figures that a run with such a step has. */
  readonly figures?: Names
  /** Whether it has its own time, so that its name needs no other. */
  readonly timesItself?: boolean
  /** Whether it may stand before the client connects. `request`: it is why the client waits with connecting. */
  readonly before?: "request" | "may"
  /** Whether it opens its connections by itself, so that the client opens none. */
  readonly opensOwn?: boolean
  readonly endsConnection?: boolean
  /** Whether it waits for time or for the server. Steps with nested ones pause if these do. */
  readonly pauses?: boolean
  /** The number of messages that it sends; `NaN` if that is not known. Steps with nested ones send what these send. */
  readonly sends?: number
  /** The longest time that the step itself takes with this default timeout, in milliseconds. */
  readonly longest?: (timeout: number) => number
  readonly compile: (builder: Builder<S>, own: Own) => Refused | undefined
}

/** An operation that does something and goes on. */
export const acting = (_tag: string, act: (client: Runner) => void, step?: string): Op => ({
  _tag,
  ...(step === undefined ? {} : { step }),
  run: (client) => {
    act(client)
    client.at++
  }
})

/** The field of a step: its schema, with the description that editors show. */
export const field = <A, I>(schema: Schema.Schema<A, I>, description: string) => ({
  schema,
  field: Schema.optional(schema).annotations({ description })
})
