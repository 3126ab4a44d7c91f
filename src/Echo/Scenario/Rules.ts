/** What a client does beside its steps: it answers some messages whenever they come, and sends others at fixed times. */
import * as Schema from "effect/Schema"
import { parseTimeSpan } from "../../Text/TimeSpan.ts"
import type { Names } from "../Measure/Named.ts"
import * as Capture from "./Capture.ts"
import * as Case from "./Case.ts"
import { ExpectedMessage } from "./Expected.ts"
import { FigureName, TemplateText } from "./Fields.ts"
import * as Payload from "./Payload.ts"

const Sent = Schema.Union(TemplateText, Payload.Payload)

/** One message, or several in this order. */
const Sends = Schema.Union(Sent, Schema.NonEmptyArray(Sent))

/** What to do with a message whenever it comes. */
const Rule = Schema.Struct({
  when: Schema.Union(TemplateText, ExpectedMessage),
  /** The answer. It begins no round trip. */
  send: Schema.optional(Sends),
  /** Whether the steps get the message too. Absent: they never see it. */
  pass: Schema.optional(Schema.Boolean),
  /** Counts the messages as `on.NAME`. */
  name: Schema.optional(FigureName),
  /** Where the message has its number in a sequence. Gaps and wrong order are counted as `on.NAME.missing` and `on.NAME.disorder`. */
  sequence: Schema.optional(Capture.Capture)
}).pipe(
  Schema.filter(({ name, sequence }) =>
    sequence !== undefined && name === undefined ? "sequence needs a name, under which it is counted" : undefined
  )
)
type Rule = typeof Rule.Type

export const On = Schema.Array(Rule).annotations({
  description: "What to do with messages whenever they come, beside the steps: the first rule that matches is used"
})

const MINIMUM = 10

/** Messages to send again and again while the connection is open, by the time between two. */
export const Every = Schema.Record({ key: Schema.String, value: Sends })
  .pipe(
    Schema.filter((every) => {
      const wrong = Object.keys(every).find((text) => (parseTimeSpan(text) ?? 0) < MINIMUM)
      const message = `expected a time of at least ${MINIMUM}ms, such as 25s`
      return wrong === undefined ? undefined : { path: [wrong], message }
    })
  )
  .annotations({ description: "Messages to send at fixed times while the connection is open, such as 25s: ping" })

type Given = Readonly<{ on?: typeof On.Type | undefined; every?: typeof Every.Type | undefined }>

const listOf = (sends: typeof Sends.Type | undefined): ReadonlyArray<typeof Sent.Type> => [sends ?? []].flat()

export type Rules = NonNullable<ReturnType<typeof compile>>

export const compile = ({ every = {}, on = [] }: Given, files: Payload.Files) => {
  const rendersOf = (sends: typeof Sends.Type | undefined) => listOf(sends).map((send) => Payload.compile(send, files))
  const timed = Object.entries(every)
  if (on.length === 0 && timed.length === 0) return undefined
  return {
    on: on.map(({ name, pass = false, send, sequence, when }) => ({
      match: Case.compile(when),
      sends: rendersOf(send),
      passes: pass,
      name,
      sequence: sequence === undefined ? undefined : Capture.compile(sequence).read
    })),
    every: timed.map(([time, send]) => ({ after: parseTimeSpan(time) ?? Infinity, sends: rendersOf(send) }))
  }
}

export const sendsOf = ({ every = {}, on = [] }: Given): ReadonlyArray<typeof Sent.Type> => [
  ...on.flatMap(({ send }) => listOf(send)),
  ...Object.values(every).flatMap(listOf)
]

export const setsOf = ({ on = [] }: Given): ReadonlyArray<string> => on.flatMap(({ when }) => Case.setsOf(when))

const isStamped = ({ when }: Rule): boolean => typeof when === "object" && when.stamp !== undefined

export const figuresOf = ({ every = {}, on = [] }: Given): Names => ({
  times: [
    ...(on.some(isStamped) ? ["delivery"] : []),
    ...on.flatMap((rule) => (rule.name !== undefined && isStamped(rule) ? [`on.${rule.name}.delivery`] : []))
  ],
  counts: [
    ...(on.length > 0 || Object.keys(every).length > 0 ? ["rules.skipped"] : []),
    ...on.flatMap(({ name, sequence }) => {
      if (name === undefined) return []
      return [`on.${name}`, ...(sequence === undefined ? [] : [`on.${name}.missing`, `on.${name}.disorder`])]
    })
  ]
})
