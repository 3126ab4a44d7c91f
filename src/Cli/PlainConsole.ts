/** The console of @effect/cli. It removes colours if the output is not a terminal or the user does not want colours. */
import { stripVTControlCharacters } from "node:util"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { hasColours } from "./Colours.ts"

const plain = (args: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
  args.map((each) => (typeof each === "string" ? stripVTControlCharacters(each) : each))

/** Drops the usage errors of @effect/cli, because `Main.ts` reports them in our words (`Usage.ts`). */
export const withPlainConsole = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Console.consoleWith((current) =>
    Console.withConsole(effect, {
      ...current,
      log: (...args) => current.log(...(hasColours(process.stdout) ? args : plain(args))),
      error: () => Effect.void
    })
  )
