/** The console of @effect/cli, which writes the help: without colours where no terminal shows it or the user wants none. */
import { stripVTControlCharacters } from "node:util"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { hasColours } from "./Colours.ts"

const plain = (args: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
  args.map((each) => (typeof each === "string" ? stripVTControlCharacters(each) : each))

/** Errors of the usage are reported by `Main.ts`, in our words (`Usage.ts`), and not twice. */
export const withPlainConsole = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Console.consoleWith((current) =>
    Console.withConsole(effect, {
      ...current,
      log: (...args) => current.log(...(hasColours(process.stdout) ? args : plain(args))),
      error: () => Effect.void
    })
  )
