import * as Schema from "effect/Schema"
import { answers, Expected, ExpectedMessage, Until } from "./Expected.ts"
import { CloseCode, FigureName, oneOf, RegularExpression, TemplateText, Timeout, VariableName } from "./Fields.ts"
import { HttpStep } from "./HttpStep.ts"
import { Payload } from "./Payload.ts"
import { TimeSpan } from "./TimeSpan.ts"

/** A fixed time, or a uniform random time from `min` to `max`. */
const Wait = Schema.Union(
  TimeSpan,
  Schema.Struct({ min: TimeSpan, max: TimeSpan }).pipe(
    Schema.filter(({ min, max }) => min <= max, { message: () => "expected min to be at most max" })
  )
)

const Closing = Schema.Union(
  CloseCode,
  Schema.Struct({
    code: CloseCode,
    reason: Schema.optionalWith(
      Schema.String.pipe(
        Schema.filter((text) => Buffer.byteLength(text) <= 123, { message: () => "expected at most 123 bytes" })
      ),
      { default: () => "" }
    )
  })
)

/** Close the connection, and connect again after this time. */
const Away = Schema.Union(TimeSpan, Schema.Struct({ after: TimeSpan, code: Schema.optional(CloseCode) }))

/** A template; or a number or boolean, which is converted to text. */
const Value = Schema.Union(TemplateText, Schema.Number, Schema.Boolean)

/** Variables to set, in this order. */
export const Assignments = Schema.Record({ key: VariableName, value: Value })

/** A ping frame, and how long to wait for its pong. */
const Ping = Schema.Union(Schema.Literal(true), Schema.Struct({ timeout: Timeout }))

const comparisons = ["equals", "pattern", "above", "below"] as const

const condition = {
  value: TemplateText,
  equals: Schema.optional(Value),
  pattern: Schema.optional(RegularExpression),
  /** `above` and `below` compare numbers. */
  above: Schema.optional(Schema.Number),
  below: Schema.optional(Schema.Number)
}

/** The condition of an `if`: `value` and exactly one comparison. */
export type Condition = Schema.Struct.Type<typeof condition>

interface RepeatOf<S> {
  /** Absent: repeat until the end of `--duration`. */
  readonly times?: number | undefined
  readonly steps: ReadonlyArray<S>
}

interface SwitchOf<S, E> {
  readonly cases: ReadonlyArray<{ readonly expect: string | E; readonly steps: ReadonlyArray<S> }>
}

interface IfOf<S> {
  readonly steps: ReadonlyArray<S>
  readonly else?: ReadonlyArray<S> | undefined
}

/** One step of a conversation: exactly one of the fields except `name`. */
export interface Step {
  readonly wait?: typeof Wait.Type | undefined
  readonly send?: string | Payload | undefined
  readonly expect?: string | Expected | undefined
  readonly until?: string | Until | undefined
  readonly switch?:
    | (SwitchOf<Step, ExpectedMessage> & {
        readonly timeout?: number | undefined
        readonly answers?: string | false | undefined
      })
    | undefined
  readonly if?: (IfOf<Step> & Condition) | undefined
  readonly repeat?: RepeatOf<Step> | undefined
  readonly close?: typeof Closing.Type | undefined
  readonly set?: typeof Assignments.Type | undefined
  readonly reconnect?: typeof Away.Type | undefined
  readonly http?: HttpStep | undefined
  readonly ping?: typeof Ping.Type | undefined
  readonly script?: string | undefined
  /** The name of the step's own figures (`step.NAME`). This is no kind of step. */
  readonly name?: string | undefined
}

/** A step as it is written in a file. @public */
export interface StepEncoded {
  readonly wait?: typeof Wait.Encoded | undefined
  readonly send?: string | typeof Payload.Encoded | undefined
  readonly expect?: string | typeof Expected.Encoded | undefined
  readonly until?: string | typeof Until.Encoded | undefined
  readonly switch?:
    | (SwitchOf<StepEncoded, typeof ExpectedMessage.Encoded> & {
        readonly timeout?: typeof Timeout.Encoded | undefined
        readonly answers?: string | false | undefined
      })
    | undefined
  readonly if?: (IfOf<StepEncoded> & Schema.Struct.Encoded<typeof condition>) | undefined
  readonly repeat?: RepeatOf<StepEncoded> | undefined
  readonly close?: typeof Closing.Encoded | undefined
  readonly set?: typeof Assignments.Encoded | undefined
  readonly reconnect?: typeof Away.Encoded | undefined
  readonly http?: typeof HttpStep.Encoded | undefined
  readonly ping?: typeof Ping.Encoded | undefined
  readonly script?: string | undefined
  readonly name?: string | undefined
}

const kinds = [
  ...[
    "wait",
    "send",
    "expect",
    "until",
    "switch",
    "if",
    "repeat",
    "close",
    "set",
    "reconnect",
    "http",
    "ping",
    "script"
  ]
]

const Steps = Schema.Array(Schema.suspend((): Schema.Schema<Step, StepEncoded> => Step)).pipe(Schema.minItems(1))

/** A field with a description that editors show. */
const field = <A, I>(schema: Schema.Schema<A, I>, description: string) =>
  Schema.optional(schema).annotations({ description })

const Switch = Schema.Struct({
  timeout: Schema.optional(Timeout),
  ...answers,
  cases: Schema.Array(Schema.Struct({ expect: Schema.Union(TemplateText, ExpectedMessage), steps: Steps })).pipe(
    Schema.minItems(1)
  )
})

const If = Schema.Struct({ ...condition, steps: Steps, else: Schema.optional(Steps) }).pipe(oneOf(comparisons))

const Repeat = Schema.Struct({ times: Schema.optional(Schema.Int.pipe(Schema.positive())), steps: Steps })

export const Step: Schema.Schema<Step, StepEncoded> = Schema.Struct({
  wait: field(Wait, "Wait this long; {min, max}: a random time"),
  send: field(Schema.Union(TemplateText, Payload), "Send a message: a text (a template) or a payload"),
  expect: field(Schema.Union(TemplateText, Expected), "The next message must be this"),
  until: field(Schema.Union(TemplateText, Until), "Skip messages until one matches"),
  switch: field(Switch, "Continue with the steps of the first case that the next message matches"),
  if: field(If, "Run steps only if a condition holds, else other steps"),
  repeat: field(Repeat, "Repeat steps; without times, until the end of --duration"),
  close: field(Closing, "Close with this code; must be the last step of its list"),
  set: field(Assignments, "Set variables, in this order; values are templates"),
  reconnect: field(Away, "Close, connect again after this time, and continue with the next step"),
  http: field(HttpStep, "Send an HTTP request; at the beginning of the steps, before the client connects"),
  ping: field(Ping, "Send a ping, and wait for its pong"),
  script: field(Schema.String, "A file of JavaScript or TypeScript whose default export holds the conversation"),
  name: field(FigureName, "Record this step's own figures as step.NAME")
})
  .pipe(oneOf(kinds))
  .annotations({ identifier: "Step" })
