import * as Schema from "effect/Schema"
import { oneOf, RegularExpression, TemplateText } from "../Fields.ts"
import * as Template from "../Template.ts"
import { Value } from "./Set.ts"
import { field, type StepParts } from "./StepParts.ts"

const comparisons = ["equals", "pattern", "above", "below"] as const

const condition = {
  value: TemplateText,
  equals: Schema.optional(Value),
  pattern: Schema.optional(RegularExpression),
  /** `above` and `below` compare numbers. */
  above: Schema.optional(Schema.Number),
  below: Schema.optional(Schema.Number)
}

interface Ways<S> {
  readonly steps: ReadonlyArray<S>
  readonly else?: ReadonlyArray<S> | undefined
}

export type If<S> = Ways<S> & Schema.Struct.Type<typeof condition>
export type Encoded<S> = Ways<S> & Schema.Struct.Encoded<typeof condition>

export const make = <S, E>(steps: Schema.Schema<ReadonlyArray<S>, ReadonlyArray<E>>) =>
  field<If<S>, Encoded<E>>(
    Schema.Struct({ ...condition, steps, else: Schema.optional(steps) }).pipe(oneOf(comparisons)),
    "Run steps only if a condition holds, else other steps"
  ).field

const numberOf = (text: string): number => {
  const value = Number(text)
  if (text.trim() === "" || Number.isNaN(value))
    throw new Template.RenderError(`"${text}" is not a number, so it can't be compared`)
  return value
}

/** The condition as a function of a client's values. */
const testOf = ({ above, below, equals, pattern, value: text }: If<unknown>) => {
  const value = Template.compile(text)
  if (equals !== undefined) {
    const wanted = Template.compile(String(equals))
    return (variables: Template.Variables) => value(variables) === wanted(variables)
  }
  if (pattern !== undefined) {
    const expression = Template.compilePattern(pattern)
    return (variables: Template.Variables) => expression(variables).test(value(variables))
  }
  return above === undefined
    ? (variables: Template.Variables) => numberOf(value(variables)) < below!
    : (variables: Template.Variables) => numberOf(value(variables)) > above
}

export const of = <S>(value: If<S>): StepParts<S> => {
  const { else: otherwise, steps } = value
  const nested = [
    { path: ["if", "steps"], steps },
    ...(otherwise === undefined ? [] : [{ path: ["if", "else"], steps: otherwise }])
  ]
  return {
    kind: "if",
    nested,
    mayBeSkipped: otherwise === undefined,
    before: "may",
    compile: ({ add, branches, ops }, { label, place }) => {
      const test = testOf(value)
      let no = 0
      add({
        _tag: "If",
        step: label,
        run: (client) => {
          client.at = test(client.values) ? client.at + 1 : no
        }
      })
      return branches(
        [
          { steps, enter: () => {} },
          { steps: otherwise ?? [], enter: () => (no = ops.length) }
        ],
        place
      )
    }
  }
}
