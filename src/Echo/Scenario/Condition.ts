import type { Condition } from "./Step.ts"
import * as Template from "./Template.ts"

const numberOf = (text: string): number => {
  const value = Number(text)
  if (text.trim() === "" || Number.isNaN(value))
    throw new Template.RenderError(`"${text}" is not a number, so it can't be compared`)
  return value
}

/** The condition of an `if`, as a function of a client's values. */
export const compile = (condition: Condition): ((variables: Template.Variables) => boolean) => {
  const value = Template.compile(condition.value)
  const { above, below, equals, pattern } = condition
  if (equals !== undefined) {
    const wanted = Template.compile(String(equals))
    return (variables) => value(variables) === wanted(variables)
  }
  if (pattern !== undefined) {
    const expression = Template.compilePattern(pattern)
    return (variables) => expression(variables).test(value(variables))
  }
  return above === undefined
    ? (variables) => numberOf(value(variables)) < below!
    : (variables) => numberOf(value(variables)) > above
}
