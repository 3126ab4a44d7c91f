import * as Schema from "effect/Schema"
import { TemplateText } from "../Fields.ts"
import type { SendOp } from "../Op.ts"
import * as Payload from "../Payload.ts"
import { field, type StepParts } from "./StepParts.ts"

export const { field: send } = field(
  Schema.Union(TemplateText, Payload.Payload),
  "Send a message: a text (a template) or a payload"
)

export const of = <S>(value: string | Payload.Payload): StepParts<S> => {
  const isAnswered = typeof value === "string" || value.answered !== false
  return {
    kind: "send",
    isAnswered,
    sends: 1,
    longest: (timeout) => timeout,
    compile: ({ add, isInOpenEnded, options }, { label, name, number }) => {
      const { answered, files, keyed, paced, timeout } = options
      const isAnsweredByName = isAnswered && name !== undefined && answered.has(name)
      const op: SendOp = {
        render: Payload.compile(value, files),
        timed: isAnswered,
        paced: paced && isInOpenEnded,
        ...{ timeout, step: number, name, isAnsweredByName },
        figure: isAnsweredByName || (keyed && isAnswered && name !== undefined) ? `step.${name}` : undefined
      }
      return add({ _tag: "Send", step: label, sends: op, run: (client) => client.messages.send(op) })
    }
  }
}
