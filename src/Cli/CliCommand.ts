/** A command: what the user types, and what is loaded when it is used: its options and arguments, and its handler. */
import { stripVTControlCharacters } from "node:util"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Effect from "effect/Effect"
import { about } from "./About.ts"
import * as Flag from "./Flag.ts"
import * as Output from "./Output.ts"
import * as Usage from "./Usage.ts"
import { UserError } from "./UserError.ts"

type Argv = ReadonlyArray<string>

interface Parts<I extends Flag.Inputs, R, E> {
  /** What the user types: `life record`. */
  readonly words: string
  /** The command in one line. */
  readonly description: string
  readonly options: () => Promise<{ readonly options: I }>
  readonly handler: () => Promise<{ readonly run: (given: Flag.Given<I>) => Effect.Effect<void, E, R> }>
  /** Whether it goes on when its output is closed: a server, an agent, and `echo`, which still has to write its files. */
  readonly outlivesOutput?: boolean
}

/** An invalid value. Its text is the message of the option's kind (`Flag.ts`). */
const textOf = (doc: HelpDoc.HelpDoc): string =>
  stripVTControlCharacters(HelpDoc.toAnsiText(doc)).replace(/\s+/g, " ").trim()

const explain = <F>(error: F): Exclude<F, ValidationError.ValidationError> | UserError =>
  ValidationError.isValidationError(error)
    ? new UserError({ message: textOf(error.error) })
    : (error as Exclude<F, ValidationError.ValidationError>)

export const make = <I extends Flag.Inputs, R, E>(parts: Parts<I, R, E>) => {
  const { description, handler, options, outlivesOutput = false, words } = parts
  /** Runs the command with what follows its words. `levels` is `--log-level LEVEL`, if it was given. */
  const run = Effect.fnUntraced(function* (given: Argv, levels: Argv) {
    const declared = (yield* Effect.promise(options)).options
    const arranged = yield* Usage.arrange({ words, inputs: Object.values(declared) }, given)
    const command = Command.make(words.split(" ").at(-1) ?? words, Flag.config(declared), (values) =>
      // `Flag.config` makes a parser for each input under the input's key, so these are the values of the inputs.
      Effect.flatMap(Effect.promise(handler), (loaded) => loaded.run(values as Flag.Given<I>))
    )
    const start = Command.run(command, about)
    return yield* Effect.mapError(start(["node", about.name, ...levels, ...arranged]), explain)
  })
  return {
    words,
    description,
    /** Its options and arguments. */
    declaration: async (): Promise<Flag.Declaration> => ({ words, inputs: Object.values((await options()).options) }),
    run: (given: Argv, levels: Argv) => (outlivesOutput ? run(given, levels) : Output.untilBroken(run(given, levels)))
  }
}
