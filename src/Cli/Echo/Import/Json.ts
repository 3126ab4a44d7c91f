/** Helpers for JSON values of scripts and scenarios. */

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Merges two values: objects are merged member by member, otherwise the second value wins. */
export const merge = (a: unknown, b: unknown): unknown =>
  isObject(a) && isObject(b)
    ? { ...a, ...Object.fromEntries(Object.entries(b).map(([key, value]) => [key, merge(a[key], value)])) }
    : b
