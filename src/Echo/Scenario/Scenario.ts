import * as Schema from "effect/Schema"
import { Connect, straight } from "./Connect.ts"
import { Expected } from "./Expected.ts"
import { CloseCode, exactlyOne, FigureName, TemplateText, Timeout, VariableName } from "./Fields.ts"
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
const Assignments = Schema.Record({ key: VariableName, value: Value })

interface Repeat {
  /** Absent: until the end of `--duration`. */
  readonly times?: number | undefined
  readonly steps: ReadonlyArray<Step>
}

/** One step of a conversation: exactly one of the fields. */
export interface Step {
  readonly wait?: typeof Wait.Type | undefined
  readonly send?: string | Payload | undefined
  readonly expect?: string | Expected | undefined
  readonly repeat?: Repeat | undefined
  readonly close?: typeof Closing.Type | undefined
  readonly set?: typeof Assignments.Type | undefined
  readonly reconnect?: typeof Away.Type | undefined
  readonly http?: HttpStep | undefined
  /** For figures of its own: not a kind of step. */
  readonly name?: string | undefined
}

interface StepEncoded {
  readonly wait?: typeof Wait.Encoded | undefined
  readonly send?: string | typeof Payload.Encoded | undefined
  readonly expect?: string | typeof Expected.Encoded | undefined
  readonly repeat?: { readonly times?: number | undefined; readonly steps: ReadonlyArray<StepEncoded> } | undefined
  readonly close?: typeof Closing.Encoded | undefined
  readonly set?: typeof Assignments.Encoded | undefined
  readonly reconnect?: typeof Away.Encoded | undefined
  readonly http?: typeof HttpStep.Encoded | undefined
  readonly name?: string | undefined
}

const stepNames = ["wait", "send", "expect", "repeat", "close", "set", "reconnect", "http"]

export const Step: Schema.Schema<Step, StepEncoded> = Schema.Struct({
  wait: Schema.optional(Wait),
  send: Schema.optional(Schema.Union(TemplateText, Payload)),
  expect: Schema.optional(Schema.Union(TemplateText, Expected)),
  repeat: Schema.optional(
    Schema.Struct({
      times: Schema.optional(Schema.Int.pipe(Schema.positive())),
      steps: Schema.Array(Schema.suspend((): Schema.Schema<Step, StepEncoded> => Step)).pipe(Schema.minItems(1))
    })
  ),
  close: Schema.optional(Closing),
  set: Schema.optional(Assignments),
  reconnect: Schema.optional(Away),
  http: Schema.optional(HttpStep),
  name: Schema.optional(FigureName)
}).pipe(Schema.filter(exactlyOne(stepNames)))

/** A table whose rows the clients take: `name.column` is a variable. */
const Data = Schema.Struct({
  /** CSV with a line of names first, or a JSON list of objects. */
  file: Schema.String,
  /**
   * `in-order`: client 1 the first row, and so on, from the start again when they are used up. `random`: any row. `partitioned`:
   * each conversation the next row that no other process has.
   */
  rows: Schema.optionalWith(Schema.Literal("in-order", "random", "partitioned"), { default: () => "in-order" as const })
})

/** What every client says and must hear. Shapes and defaults are told in `docs/echo.md`. */
export const Scenario = Schema.Struct({
  name: Schema.optionalWith(Schema.String, { default: () => "scenario" }),
  connect: Schema.optionalWith(Connect, { default: () => straight }),
  /** For connecting, for every reply and for the closing handshake, where a step names no other. */
  timeout: Schema.optional(Timeout),
  data: Schema.optionalWith(Schema.Record({ key: VariableName, value: Data }), { default: () => ({}) }),
  /** Set in this order when a conversation begins; kept where a client comes back after a failure. */
  variables: Schema.optionalWith(Assignments, { default: () => ({}) }),
  /** What to do with a message that the step at hand does not expect. */
  unmatched: Schema.optionalWith(Schema.Literal("fail", "ignore"), { default: () => "fail" as const }),
  steps: Schema.Array(Step).pipe(Schema.minItems(1))
})
export type Scenario = typeof Scenario.Type

/** The conversation of the C10k demo, its pauses of `delayMs` each. */
export const original = (delayMs: number): Scenario => ({
  name: "original",
  connect: straight,
  data: {},
  variables: {},
  unmatched: "fail",
  steps: [
    { expect: "Hello!" },
    { wait: delayMs },
    { send: "Spam?" },
    { expect: "1. Spam?" },
    { wait: delayMs },
    { send: "Eggs!" },
    { expect: "2. Eggs!" },
    { wait: delayMs },
    { send: "Python." },
    { expect: "3. Python." },
    { expect: "Goodbye!" }
  ]
})

/** Sends one text over and over and expects it back: the conversation for a plain echo server. */
export const echoing = (text: string): Scenario => ({
  name: "echo",
  connect: straight,
  data: {},
  variables: {},
  unmatched: "fail",
  steps: [{ repeat: { steps: [{ send: text }, { expect: text }] } }]
})
