import { parseTimeSpan } from "../../../../Text/TimeSpan.ts"
import type { Field } from "./Field.ts"

const WRITTEN = /^\s*(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)?\s*$/

/** A time as scenarios write it: `500ms` or `2s`. A bare number is seconds. Refuses a value that is not a constant time. */
export const timeOf = (field: Field): string | undefined => {
  const [, count, word = "s"] = WRITTEN.exec(field.text ?? "") ?? []
  return count === undefined
    ? field.refuse(`expected a time such as 2 or "500ms", found ${JSON.stringify(field.value)}`)
    : `${count}${/^(ms|milli)/.test(word) ? "ms" : word[0]}`
}

/** The same in milliseconds. */
export const millisecondsOf = (field: Field): number | undefined => parseTimeSpan(timeOf(field) ?? "")
