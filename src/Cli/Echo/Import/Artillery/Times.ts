/** Converts times of Artillery's scripts. */
import { parseTimeSpan } from "../../../../Text/TimeSpan.ts"
import type { Field } from "./Field.ts"

const UNITS: Readonly<Record<string, string>> = { s: "s", sec: "s", second: "s", m: "m", min: "m", minute: "m", h: "h" }

const WRITTEN = /^\s*(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)?\s*$/

const unitOf = (word: string | undefined): string => {
  if (word === undefined) return "s"
  if (/^(ms|millisecond)/.test(word)) return "ms"
  if (word.startsWith("h")) return "h"
  return UNITS[word.replace(/s$/, "")] ?? "s"
}

/** A time as scenarios write it: `500ms` or `2s`. A bare number is seconds. Refuses a value that is not a constant time. */
export const timeOf = (field: Field): string | undefined => {
  const [, count, word] = WRITTEN.exec(field.text ?? "") ?? []
  return count === undefined
    ? field.refuse(`expected a time such as 2 or "500ms", found ${JSON.stringify(field.value)}`)
    : `${count}${unitOf(word)}`
}

/** The same in milliseconds. */
export const millisecondsOf = (field: Field): number | undefined => {
  const text = timeOf(field)
  return text === undefined ? undefined : parseTimeSpan(text)
}
