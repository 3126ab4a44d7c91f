/** A command: its words, its options and arguments, and what runs it. */
import * as Command from "@effect/cli/Command"
import type * as Effect from "effect/Effect"
import * as Flag from "./Flag.ts"

export interface CliCommand<R, E> {
  /** What the user types: `life record`. */
  readonly words: string
  readonly inputs: ReadonlyArray<Flag.Input>
  /** The command of the last word. */
  readonly command: Command.Command<string, R, E, Readonly<Record<string, unknown>>>
}

export const make = <I extends Flag.Inputs, R, E>(
  words: string,
  inputs: I,
  run: (given: Flag.Given<I>) => Effect.Effect<void, E, R>
): CliCommand<R, E> => ({
  words,
  inputs: Object.values(inputs),
  command: Command.make(words.split(" ").at(-1) ?? words, Flag.config(inputs), (given) =>
    // `Flag.config` makes a parser for each input under the input's key, so these are the values of the inputs.
    run(given as Flag.Given<I>)
  )
})

/** The options of a command. */
export const flagsOf = ({ inputs }: { readonly inputs: ReadonlyArray<Flag.Input> }) =>
  inputs.filter((input) => input._tag === "Flag")

/** The arguments of a command, in their order. */
export const argumentsOf = ({ inputs }: { readonly inputs: ReadonlyArray<Flag.Input> }) =>
  inputs.filter((input) => input._tag === "Argument")
