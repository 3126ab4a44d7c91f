/** Text without colours, where no terminal shows it or the user wants none (https://no-color.org). */
import { stripVTControlCharacters } from "node:util"
import * as Console from "effect/Console"
import type * as Effect from "effect/Effect"

const isPlain = (): boolean => process.stdout.isTTY !== true || (process.env["NO_COLOR"] ?? "") !== ""

const plain = (args: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
  args.map((each) => (typeof each === "string" ? stripVTControlCharacters(each) : each))

/** The help of the command line is always coloured; this is where that ends. */
export const withPlainConsole = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  isPlain()
    ? Console.consoleWith((current) =>
        Console.withConsole(effect, {
          ...current,
          log: (...args) => current.log(...plain(args)),
          error: (...args) => current.error(...plain(args))
        })
      )
    : effect
