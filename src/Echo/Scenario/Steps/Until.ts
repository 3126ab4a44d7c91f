import * as Schema from "effect/Schema"
import * as Case from "../Case.ts"
import { Until } from "../Expected.ts"
import { TemplateText } from "../Fields.ts"
import { field, type StepParts } from "./StepParts.ts"

export const { field: until } = field(Schema.Union(TemplateText, Until), "Skip messages until one matches")

export const of = <S>(value: string | Until): StepParts<S> => {
  const wanted: Until = typeof value === "string" ? { exact: value } : value
  const { answers, timeout } = wanted
  return {
    kind: "until",
    messages: [wanted],
    sets: Case.setsOf(wanted),
    answers,
    timesItself: true,
    pauses: true,
    longest: (common) => timeout ?? common,
    compile: (builder, own) =>
      builder.await(own, {
        cases: [Case.compile(wanted)],
        ...{ need: 1, skips: true, timeout, answers, named: own.named }
      })
  }
}
