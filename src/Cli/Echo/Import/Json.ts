import * as Predicate from "effect/Predicate"

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject: (value: unknown) => value is JsonObject = Predicate.isReadonlyRecord

/** Merges two values: objects member by member, lists entry by entry, otherwise the second value wins unless it is undefined. */
export const merge = (a: unknown, b: unknown): unknown => {
  if (Array.isArray(a) && Array.isArray(b))
    return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => merge(a[at], b[at]))
  if (isObject(a) && isObject(b))
    return { ...a, ...Object.fromEntries(Object.entries(b).map(([key, value]) => [key, merge(a[key], value)])) }
  return b === undefined ? a : b
}

/** Puts a value at its path: `{a: [1]}` for `a`, 0 and 1. An index stands for the first entry. */
export const within = (path: ReadonlyArray<string | number>, value: unknown): unknown =>
  path.reduceRight<unknown>((inner, key) => (typeof key === "number" ? [inner] : { [key]: inner }), value)

/** Undefined if there is nothing in a list or an object, so that a file has no empty one. */
export const unlessEmpty = <A extends object>(value: A): A | undefined =>
  Object.keys(value).length === 0 ? undefined : value
