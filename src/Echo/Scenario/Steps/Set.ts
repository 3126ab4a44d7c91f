import * as Schema from "effect/Schema"
import { TemplateText, VariableName } from "../Fields.ts"
import type { Assignments as CompiledAssignments } from "../Op.ts"
import * as Template from "../Template.ts"
import { acting, field, type StepParts } from "./StepParts.ts"

/** A template; or a number or boolean, which is converted to text. */
export const Value = Schema.Union(TemplateText, Schema.Number, Schema.Boolean)

export const Assignments = Schema.Record({ key: VariableName, value: Value })

export const { field: set } = field(Assignments, "Set variables, in this order; values are templates")

export const assignmentsOf = (values: typeof Assignments.Type): CompiledAssignments =>
  Object.entries(values).map(([name, value]) => [name, Template.compile(String(value))])

export const of = <S>(value: typeof Assignments.Type): StepParts<S> => ({
  kind: "set",
  before: "may",
  assigns: value,
  compile: ({ add }, { label }) => {
    const assignments = assignmentsOf(value)
    return add(acting("Set", (client) => client.values.assign(assignments), label))
  }
})
