import * as Schema from "effect/Schema"
import * as Template from "./Template.ts"
import { TimeSpan } from "./TimeSpan.ts"

const MAX_TIMEOUT = 3_600_000

/** Text with `{{client}}`, `{{round}}` and `{{message}}` in it. */
const TemplateText = Schema.String.pipe(Schema.filter(Template.problemOf))

/** JSON whose strings are templates. */
const Json = Schema.Unknown.pipe(Schema.filter(Template.problemOfJson))

const Base64 = Schema.String.pipe(
  Schema.filter((text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0, {
    message: () => "expected base64, such as aGVsbG8="
  })
)

const RegularExpression = Schema.String.pipe(
  Schema.filter((source) => {
    const problem = Template.problemOf(source)
    if (problem !== undefined) return problem
    try {
      Template.compilePattern(source)({ client: 1, round: 1, message: 1 })
      return undefined
    } catch (error) {
      return `not a regular expression: ${error instanceof Error ? error.message : String(error)}`
    }
  })
)

const Timeout = TimeSpan.pipe(
  Schema.filter((ms) => ms > 0 && ms <= MAX_TIMEOUT, { message: () => "expected a time over 0 and up to 1h" })
)

const CloseCode = Schema.Int.pipe(
  Schema.filter((code) => code === 1000 || (code >= 3000 && code <= 4999), {
    message: () => "a client closes with 1000 or a code from 3000 to 4999"
  })
)

const keysOf = (value: object): ReadonlyArray<string> =>
  Object.entries(value).flatMap(([key, entry]) => (entry === undefined ? [] : [key]))

const exactlyOne =
  (names: ReadonlyArray<string>) =>
  (value: object): string | undefined => {
    const found = keysOf(value).filter((key) => names.includes(key))
    return found.length === 1
      ? undefined
      : `expected exactly one of ${names.join(", ")}${found.length === 0 ? "" : ` but found ${found.join(" and ")}`}`
  }

/** What to send: exactly one of the fields. `file` is sent as text where its bytes are UTF-8, unless `as` says otherwise. */
export const Payload = Schema.Struct({
  text: Schema.optional(TemplateText),
  json: Schema.optional(Json),
  binary: Schema.optional(Base64),
  file: Schema.optional(Schema.String),
  as: Schema.optional(Schema.Literal("text", "binary")),
  /** `false`: the server does not answer this message, so that no reply is timed from it. */
  answered: Schema.optional(Schema.Boolean)
}).pipe(Schema.filter(exactlyOne(["text", "json", "binary", "file"])))
export type Payload = typeof Payload.Type

/** What must come: exactly one of the fields besides `timeout`. `closed` waits for the server to close with that code. */
export const Expected = Schema.Struct({
  exact: Schema.optional(TemplateText),
  pattern: Schema.optional(RegularExpression),
  json: Schema.optional(Json),
  binary: Schema.optional(Base64),
  any: Schema.optional(Schema.Literal(true)),
  closed: Schema.optional(Schema.Int.pipe(Schema.between(1000, 4999))),
  timeout: Schema.optional(Timeout)
}).pipe(Schema.filter(exactlyOne(["exact", "pattern", "json", "binary", "any", "closed"])))
export type Expected = typeof Expected.Type

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
}

interface StepEncoded {
  readonly wait?: typeof Wait.Encoded | undefined
  readonly send?: string | typeof Payload.Encoded | undefined
  readonly expect?: string | typeof Expected.Encoded | undefined
  readonly repeat?: { readonly times?: number | undefined; readonly steps: ReadonlyArray<StepEncoded> } | undefined
  readonly close?: typeof Closing.Encoded | undefined
}

const stepNames = ["wait", "send", "expect", "repeat", "close"]

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
  close: Schema.optional(Closing)
}).pipe(Schema.filter(exactlyOne(stepNames)))

/** How to connect. A `--url` on the command line goes before `url` here. */
const Connect = Schema.Struct({
  url: Schema.optional(TemplateText),
  headers: Schema.optionalWith(Schema.Record({ key: Schema.String, value: TemplateText }), { default: () => ({}) }),
  subprotocols: Schema.optionalWith(Schema.Array(TemplateText), { default: () => [] })
})

/** What every client says and must hear. Shapes and defaults are told in `docs/echo.md`. */
export const Scenario = Schema.Struct({
  name: Schema.optionalWith(Schema.String, { default: () => "scenario" }),
  connect: Schema.optionalWith(Connect, { default: () => ({ headers: {}, subprotocols: [] }) }),
  /** For connecting, for every reply and for the closing handshake, where a step names no other. */
  timeout: Schema.optional(Timeout),
  /** What to do with a message that the step at hand does not expect. */
  unmatched: Schema.optionalWith(Schema.Literal("fail", "ignore"), { default: () => "fail" as const }),
  steps: Schema.Array(Step).pipe(Schema.minItems(1))
})
export type Scenario = typeof Scenario.Type

/** The conversation of the C10k demo, its pauses of `delayMs` each. */
export const original = (delayMs: number): Scenario => ({
  name: "original",
  connect: { headers: {}, subprotocols: [] },
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
  connect: { headers: {}, subprotocols: [] },
  unmatched: "fail",
  steps: [{ repeat: { steps: [{ send: text }, { expect: text }] } }]
})
