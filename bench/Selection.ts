import * as Effect from "effect/Effect"
import { BenchError } from "./BenchError.ts"

/**
 * The entries of `known` that a comma-separated list names, in the order of `known`. `none` or an empty list selects nothing,
 * and `all` selects everything except those that must be named.
 */
export const select = <A extends { readonly name: string; readonly onRequest?: boolean }>(
  what: string,
  list: string,
  known: ReadonlyArray<A>
): Effect.Effect<ReadonlyArray<A>, BenchError> => {
  const names = list.split(",").map((name) => name.trim())
  if (list === "all") return Effect.succeed(known.filter(({ onRequest }) => onRequest !== true))
  if (list === "none" || list === "") return Effect.succeed([])
  const unknown = names.find((name) => !known.some((one) => one.name === name))
  if (unknown === undefined) return Effect.succeed(known.filter(({ name }) => names.includes(name)))
  const choices = known.map(({ name }) => name).join(", ")
  return new BenchError({ message: `--${what}: there is no '${unknown}'; choose from ${choices}, or all` })
}
