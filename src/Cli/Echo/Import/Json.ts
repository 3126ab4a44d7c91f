/** Values of JSON, as scripts and scenarios have them. */

export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Both at once: of two objects all members, of anything else the later. */
export const merge = (a: unknown, b: unknown): unknown =>
  isObject(a) && isObject(b)
    ? { ...a, ...Object.fromEntries(Object.entries(b).map(([key, value]) => [key, merge(a[key], value)])) }
    : b
