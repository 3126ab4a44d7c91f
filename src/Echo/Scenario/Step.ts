import * as Schema from "effect/Schema"
import { Expected, ExpectedMessage, Until } from "./Expected.ts"
import { CloseCode, exactlyOne, FigureName, RegularExpression, TemplateText, Timeout, VariableName } from "./Fields.ts"
import { HttpStep } from "./HttpStep.ts"
import { Payload } from "./Payload.ts"
import { TimeSpan } from "./TimeSpan.ts"

/** A fixed time, or one drawn evenly from `min` to `max`. */
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

/** Closes, and connects again after so long. */
const Away = Schema.Union(TimeSpan, Schema.Struct({ after: TimeSpan, code: Schema.optional(CloseCode) }))

/** A template, or a number or truth that stands for its text. */
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
  /** Both numbers. */
  above: Schema.optional(Schema.Number),
  below: Schema.optional(Schema.Number)
}

/** What `if` asks: `value` and exactly one comparison. */
export type Condition = Schema.Struct.Type<typeof condition>

interface Repeat<S> {
  /** Absent: until the end of `--duration`. */
  readonly times?: number | undefined
  readonly steps: ReadonlyArray<S>
}

interface Switch<S, E> {
  readonly cases: ReadonlyArray<{ readonly expect: string | E; readonly steps: ReadonlyArray<S> }>
}

interface If<S> {
  readonly steps: ReadonlyArray<S>
  readonly else?: ReadonlyArray<S> | undefined
}

/** One step of a conversation: exactly one of the fields besides `name`. */
export interface Step {
  readonly wait?: typeof Wait.Type | undefined
  readonly send?: string | Payload | undefined
  readonly expect?: string | Expected | undefined
  readonly until?: string | Until | undefined
  readonly switch?: (Switch<Step, ExpectedMessage> & { readonly timeout?: number | undefined }) | undefined
  readonly if?: (If<Step> & Condition) | undefined
  readonly repeat?: Repeat<Step> | undefined
  readonly close?: typeof Closing.Type | undefined
  readonly set?: typeof Assignments.Type | undefined
  readonly reconnect?: typeof Away.Type | undefined
  readonly http?: HttpStep | undefined
  readonly ping?: typeof Ping.Type | undefined
  /** For figures of its own: not a kind of step. */
  readonly name?: string | undefined
}

interface StepEncoded {
  readonly wait?: typeof Wait.Encoded | undefined
  readonly send?: string | typeof Payload.Encoded | undefined
  readonly expect?: string | typeof Expected.Encoded | undefined
  readonly until?: string | typeof Until.Encoded | undefined
  readonly switch?:
    | (Switch<StepEncoded, typeof ExpectedMessage.Encoded> & { readonly timeout?: typeof Timeout.Encoded | undefined })
    | undefined
  readonly if?: (If<StepEncoded> & Schema.Struct.Encoded<typeof condition>) | undefined
  readonly repeat?: Repeat<StepEncoded> | undefined
  readonly close?: typeof Closing.Encoded | undefined
  readonly set?: typeof Assignments.Encoded | undefined
  readonly reconnect?: typeof Away.Encoded | undefined
  readonly http?: typeof HttpStep.Encoded | undefined
  readonly ping?: typeof Ping.Encoded | undefined
  readonly name?: string | undefined
}

const kinds = [
  ...["wait", "send", "expect", "until", "switch", "if", "repeat", "close", "set", "reconnect", "http", "ping"]
]

const Steps = Schema.Array(
  Schema.suspend((): Schema.Schema<Step, StepEncoded> => Step).annotations({ identifier: "Step" })
).pipe(Schema.minItems(1))

export const Step: Schema.Schema<Step, StepEncoded> = Schema.Struct({
  wait: Schema.optional(Wait),
  send: Schema.optional(Schema.Union(TemplateText, Payload)),
  expect: Schema.optional(Schema.Union(TemplateText, Expected)),
  /** Skips what comes before the message that matches. */
  until: Schema.optional(Schema.Union(TemplateText, Until)),
  /** Goes on with the steps of the first case that the next message matches. */
  switch: Schema.optional(
    Schema.Struct({
      timeout: Schema.optional(Timeout),
      cases: Schema.Array(Schema.Struct({ expect: Schema.Union(TemplateText, ExpectedMessage), steps: Steps })).pipe(
        Schema.minItems(1)
      )
    })
  ),
  if: Schema.optional(
    Schema.Struct({ ...condition, steps: Steps, else: Schema.optional(Steps) }).pipe(
      Schema.filter(exactlyOne(comparisons))
    )
  ),
  repeat: Schema.optional(Schema.Struct({ times: Schema.optional(Schema.Int.pipe(Schema.positive())), steps: Steps })),
  close: Schema.optional(Closing),
  set: Schema.optional(Assignments),
  reconnect: Schema.optional(Away),
  http: Schema.optional(HttpStep),
  ping: Schema.optional(Ping),
  name: Schema.optional(FigureName)
}).pipe(Schema.filter(exactlyOne(kinds)))
