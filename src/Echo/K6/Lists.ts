/** What calls such as `list.map(callback)` do if the callback waits. A file of its own, because no script imports it, as the modules of k6. */
import * as Predicate from "effect/Predicate"
import { type Callback, isCallback } from "./Vu.ts"

/** Calls a function of lists whose callback waits, for one element after the other. */
export const list = async (
  name: string,
  of: unknown,
  callback: unknown,
  ...more: ReadonlyArray<unknown>
): Promise<unknown> => {
  if (name === "from") return fromEach(callback, more[0])
  if (!Predicate.isIterable(of) || !isCallback(callback)) throw new TypeError(`${name}: expected a list and a function`)
  const items = [...of]
  if (name === "reduce") return reduceEach(items, callback, more)
  const results: Array<unknown> = []
  for (const [index, item] of items.entries()) {
    const result: unknown = await callback(item, index, of)
    if (name === "find" && result) return item
    if (name === "findIndex" && result) return index
    if (name === "some" && result) return true
    if (name === "every" && !result) return false
    results.push(result)
  }
  switch (name) {
    case "map":
      return results
    case "flatMap":
      return results.flat()
    case "filter":
      return items.filter((_, index) => Boolean(results[index]))
    case "findIndex":
      return -1
    case "some":
      return false
    case "every":
      return true
    default:
      return undefined
  }
}

const fromEach = async (from: unknown, callback: unknown): Promise<unknown> => {
  const items: Array<unknown> = Predicate.isIterable(from)
    ? [...from]
    : Array.from({ length: Number(Predicate.isRecord(from) ? from["length"] : 0) })
  return isCallback(callback) ? list("map", items, callback) : items
}

const reduceEach = async (
  items: ReadonlyArray<unknown>,
  callback: Callback,
  more: ReadonlyArray<unknown>
): Promise<unknown> => {
  let [sum, rest] = more.length > 0 ? [more[0], items] : [items[0], items.slice(1)]
  for (const [index, item] of rest.entries()) sum = await callback(sum, item, index, items)
  return sum
}
