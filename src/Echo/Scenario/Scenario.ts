import * as Schema from "effect/Schema"
import { Connect, straight } from "./Connect.ts"
import { Timeout, VariableName } from "./Fields.ts"
import { Replies } from "./Replies.ts"
import { Every, On } from "./Rules.ts"
import { Step } from "./Step.ts"
import { Assignments } from "./Steps/Set.ts"

/** A table of data. Each conversation takes a row, whose columns are the variables `name.column`. */
const Data = Schema.Struct({
  /** A CSV file whose first line has the names, or a JSON list of objects. */
  file: Schema.String,
  /**
   * `in-order`: client 1 takes the first row, client 2 the second, and so on; after the last row comes the first again.
   * `random`: a random row. `partitioned`: each conversation takes the next row, and no two processes take the same one; after the last
   * row a process begins again. `once`: the same, but when no row is left no conversation begins any more.
   */
  rows: Schema.optionalWith(Schema.Literal("in-order", "random", "partitioned", "once"), {
    default: () => "in-order" as const
  })
})

/** The messages that every client sends and expects. `docs/echo.md` describes all fields and defaults. */
export const Scenario = Schema.Struct({
  name: Schema.optionalWith(Schema.String, { default: () => "scenario" }),
  connect: Schema.optionalWith(Connect, { default: () => straight }),
  /** The timeout for connecting, for every reply and for the closing handshake, if a step has no other. */
  timeout: Schema.optional(Timeout),
  data: Schema.optionalWith(Schema.Record({ key: VariableName, value: Data }), { default: () => ({}) }),
  /** Set in this order when a conversation begins. A client that comes back after a failure keeps its values. */
  variables: Schema.optionalWith(Assignments, { default: () => ({}) }),
  unmatched: Schema.optionalWith(Schema.Literal("fail", "ignore"), { default: () => "fail" as const }),
  /** Whether a message of the server has several messages, one on each line. */
  lines: Schema.optional(Schema.Boolean),
  replies: Schema.optional(Replies),
  on: Schema.optional(On),
  every: Schema.optional(Every),
  /** Conditions on the figures of the run, as `--threshold` and `--abort-on` take them. */
  thresholds: Schema.optional(Schema.Array(Schema.String)),
  abortOn: Schema.optional(Schema.Array(Schema.String)),
  /** A conversation of one client before all others. The variables that it sets are those of every client. */
  setup: Schema.optional(Schema.Array(Step).pipe(Schema.minItems(1))),
  /** A conversation of one client after all others. */
  teardown: Schema.optional(Schema.Array(Step).pipe(Schema.minItems(1))),
  steps: Schema.Array(Step).pipe(Schema.minItems(1))
})
export type Scenario = typeof Scenario.Type

const plain = { connect: straight, data: {}, variables: {}, unmatched: "fail" } as const

/** The conversation of the original C10k demo, with pauses of `delayMs` milliseconds. */
export const original = (delayMs: number): Scenario => ({
  ...plain,
  name: "original",
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

export const echoing = (text: string): Scenario => ({
  ...plain,
  name: "echo",
  steps: [{ repeat: { steps: [{ send: text }, { expect: text }] } }]
})
