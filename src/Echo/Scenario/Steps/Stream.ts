import * as Schema from "effect/Schema"
import type { Names } from "../../Measure/Named.ts"
import * as Case from "../Case.ts"
import { answers, ExpectedMessage } from "../Expected.ts"
import { TemplateText, Timeout } from "../Fields.ts"
import type { Case as CompiledCase, ExpectOp, NamedStep } from "../Op.ts"
import { acting, field, type StepParts } from "./StepParts.ts"

const Part = Schema.Union(TemplateText, ExpectedMessage)

const own = field(
  Schema.Struct({
    each: Part,
    end: Part,
    /** The most time until the first message, and between two. */
    timeout: Schema.optional(Timeout),
    ...answers
  }),
  "An answer of many messages: it ends with the one that matches `end`"
)
export const stream = own.field

type Stream = typeof own.schema.Type

/** The figures of a streamed answer besides `step.NAME`, the time until its last message. */
export const figuresOf = (name: string): Names => ({
  times: [`step.${name}.first`, `step.${name}.gap`],
  counts: [`step.${name}.messages`]
})

type OnTaken = NonNullable<ExpectOp["onTaken"]>

/** Notes that the answer has begun, for a step without a name: its further messages answer nothing. */
const noting: OnTaken = (client, _, at) => {
  client.stream = { from: at, at }
}

/** Records a message of an answer: the time until the first and the last one, and between two. */
const recording = (name: string, named: NamedStep, last: CompiledCase): OnTaken => {
  const all = `step.${name}`
  const [first, gap, messages] = [`${all}.first`, `${all}.gap`, `${all}.messages`]
  return (client, found, at, roundTrip = Number.NaN) => {
    const before = client.stream
    const from = before?.from ?? (Number.isNaN(roundTrip) ? client.times.beganAt(named) : at - roundTrip)
    client.stream = { from, at }
    client.named.count(messages)
    client.named.record(before === undefined ? first : gap, Math.max(0, at - (before?.at ?? from)))
    if (found === last) client.named.record(all, Math.max(0, at - from))
  }
}

export const of = <S>({ answers, each, end, timeout }: Stream): StepParts<S> => ({
  kind: "stream",
  messages: Case.withoutTexts([each, end]),
  sets: Case.setsOf(end),
  answers,
  timesItself: true,
  pauses: true,
  longest: () => Infinity,
  compile: (builder, own) => {
    const { name, named } = own
    // A message that matches both is the end.
    const [last, part] = [Case.compile(end), Case.compile(each)]
    builder.add(
      acting("Stream", (client) => {
        client.stream = undefined
      })
    )
    const at = builder.ops.length
    const skips = builder.options.ignoresUnmatched
    builder.await(own, {
      ...{ cases: [last, part], need: 1, skips, timeout, answers },
      onTaken: name === undefined || named === undefined ? noting : recording(name, named, last)
    })
    part.next = at
    return undefined
  }
})
