import * as Schema from "effect/Schema"
import * as Case from "../Case.ts"
import * as ConversationFailure from "../ConversationFailure.ts"
import { Expected } from "../Expected.ts"
import { TemplateText } from "../Fields.ts"
import type { Op, State } from "../Op.ts"
import { field, type StepParts } from "./StepParts.ts"

export const { field: expect } = field(Schema.Union(TemplateText, Expected), "The next message must be this")

const closing = (code: number, timeout: number): Op & State => {
  const op: Op & State = {
    _tag: "ExpectClose",
    closedWith: code,
    run: (client) => client.messages.expectClose(op, timeout),
    onMessage: (client, { message }) => client.messages.stray(message),
    onDeadline: (client) => client.end(ConversationFailure.notClosed(timeout))
  }
  return op
}

export const of = <S>(value: string | Expected): StepParts<S> => {
  const expected: Expected = typeof value === "string" ? { exact: value } : value
  const { answers, anyOrder, closed, count = 1, timeout, ...message } = expected
  const messages = Case.withoutTexts([expected, ...(anyOrder ?? [])])
  return {
    kind: "expect",
    messages,
    sets: messages.flatMap(Case.setsOf),
    answers,
    endsConnection: closed !== undefined,
    timesItself: true,
    pauses: true,
    longest: (common) => timeout ?? common,
    compile: ({ add, await: awaits, options }, own) => {
      if (closed !== undefined) return add(closing(closed, timeout ?? options.timeout))
      const [first = Case.compile(message), ...others] = (anyOrder ?? []).map(Case.compile)
      const need = anyOrder === undefined ? count : "all"
      return awaits(own, {
        cases: [first, ...others],
        ...{ need, skips: options.ignoresUnmatched, timeout, answers, named: own.named }
      })
    }
  }
}
