import * as Either from "effect/Either"

/** The members and indices of a path, from the outside in. */
export type JsonPath = ReadonlyArray<string | number>

const SEGMENT = /^(?:\.([A-Za-z_$][\w$-]*)|\[(-?\d+)\]|\['([^']*)'\]|\["([^"]*)"\])/

/** Reads a singular query of RFC 9535, which gives at most one value: `$.user.ids[0]`, `$['a b']`, `$.list[-1]`. */
export const parse = (text: string): Either.Either<JsonPath, string> => {
  const path: Array<string | number> = []
  let rest = text.startsWith("$") ? text.slice(1) : undefined
  while (rest !== undefined && rest !== "") {
    const match = SEGMENT.exec(rest)
    if (match === null) rest = undefined
    else {
      const [segment, member, index, single, double] = match
      path.push(index === undefined ? (member ?? single ?? double ?? "") : Number(index))
      rest = rest.slice(segment.length)
    }
  }
  return rest === undefined
    ? Either.left(`"${text}" is not a path to one place in JSON: expected a path such as $.user.ids[0]`)
    : Either.right(path)
}

/** The value at a path; `undefined` if there is none. Negative indices count from the end. */
export const get = (value: unknown, path: JsonPath): unknown => {
  let at = value
  for (const key of path) {
    if (typeof key === "number") at = Array.isArray(at) ? at.at(key) : undefined
    else at = typeof at === "object" && at !== null && !Array.isArray(at) ? member(at, key) : undefined
  }
  return at
}

const member = (object: object, key: string): unknown =>
  Object.hasOwn(object, key) ? (object as Readonly<Record<string, unknown>>)[key] : undefined
