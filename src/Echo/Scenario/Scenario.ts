import * as Schema from "effect/Schema"
import { Connect, straight } from "./Connect.ts"
import { Timeout, VariableName } from "./Fields.ts"
import { Assignments, Step } from "./Step.ts"

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

/** The messages that every client sends and must receive. `docs/echo.md` describes shapes and defaults. */
export const Scenario = Schema.Struct({
  name: Schema.optionalWith(Schema.String, { default: () => "scenario" }),
  connect: Schema.optionalWith(Connect, { default: () => straight }),
  /** For connecting, for every reply and for the closing handshake, where a step names no other. */
  timeout: Schema.optional(Timeout),
  data: Schema.optionalWith(Schema.Record({ key: VariableName, value: Data }), { default: () => ({}) }),
  /** Set in this order when a conversation begins; kept where a client comes back after a failure. */
  variables: Schema.optionalWith(Assignments, { default: () => ({}) }),
  /** How to handle a message that the current step does not expect. */
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
