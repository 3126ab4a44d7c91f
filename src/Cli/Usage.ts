/** Checks a command line against its declarations, and writes it in @effect/cli's order: options, then arguments. */
import * as Either from "effect/Either"
import * as Suggestion from "../Text/Suggestion.ts"
import * as BuiltIn from "./BuiltIn.ts"
import * as Flag from "./Flag.ts"
import { UserError } from "./UserError.ts"

/** `; did you mean X?` if there is a similar name. */
const meant = (written: string, names: ReadonlyArray<string>): string => {
  const name = Suggestion.nearest(written, names)
  return name === undefined ? "" : `; did you mean ${name}?`
}

const fail = (message: string) => Either.left(UserError.of(message))

const listing = (words: string): string =>
  `\`${["effect-c10k", words, "--help"].filter((word) => word !== "").join(" ")}\` lists them`

const unknownOption = (written: string, words: string, flags: ReadonlyArray<Flag.Flag<unknown>>): string => {
  if (written === "--log-level") return "--log-level is given twice: give one value"
  const isOfProgram = BuiltIn.ofProgram.some((flag) => Flag.namesOf(flag).includes(written))
  if (isOfProgram) return `${words} has no option ${written}; write \`effect-c10k ${written}\``
  const names = [...flags, ...BuiltIn.ofProgram].flatMap(Flag.namesOf)
  const subject = words === "" ? "there is" : `${words} has`
  return `${subject} no option ${written}${meant(written, names) || `; ${listing(words)}`}`
}

/** An option as it was written, perhaps with its value. */
interface Written {
  readonly flag: Flag.Flag<unknown>
  readonly value: string | undefined
}

/** `--size=3`, `-s`, `-n50`, or several switches: `-Cq`. */
const readOption = (token: string, flags: ReadonlyArray<Flag.Flag<unknown>>): ReadonlyArray<Written> | undefined => {
  const [, written = token, value] = /^(--[^=]+)=(.*)$/s.exec(token) ?? []
  const flag = flags.find((each) => Flag.namesOf(each).includes(written))
  if (flag !== undefined) return [{ flag, value }]
  if (token.startsWith("--")) return undefined
  const byAlias = (letter: string) => flags.find(({ alias }) => alias === letter)
  const first = byAlias(token.charAt(1))
  if (first?.placeholder !== undefined) return [{ flag: first, value: token.slice(2) }]
  const all = [...token.slice(1)].flatMap((letter) => byAlias(letter) ?? [])
  const areSwitches = all.length === token.length - 1 && all.every(({ placeholder }) => placeholder === undefined)
  return areSwitches ? all.map((flag) => ({ flag, value: undefined })) : undefined
}

/**
 * Reads what follows the words of a command. Returns it in the order that @effect/cli needs. On the left: an unknown option, a
 * value that is missing, an option that is given twice, an argument too many or too few.
 */
export const arrange = (
  { inputs, words }: Flag.Declaration,
  given: ReadonlyArray<string>
): Either.Either<ReadonlyArray<string>, UserError> => {
  const flags = Flag.flagsOf({ inputs })
  const isOption = (text: string) =>
    text.startsWith("--")
      ? text !== "--" && readOption(text, [...flags, ...BuiltIn.ofProgram]) !== undefined
      : /^-[a-zA-Z]$/.test(text) && readOption(text, flags) !== undefined
  const options: Array<string> = []
  const positional: Array<string> = []
  const seen = new Set<string>()
  for (let at = 0; at < given.length; at++) {
    const token = given[at]!
    if (token === "--") {
      positional.push(...given.slice(at + 1))
      break
    }
    if (!token.startsWith("-") || token === "-") {
      positional.push(token)
      continue
    }
    const written = readOption(token, flags)
    if (written === undefined) return fail(unknownOption(/^[^=]*/.exec(token)?.[0] ?? token, words, flags))
    for (const { flag, value: inline } of written) {
      const { bare, isRepeatable, name, placeholder } = flag
      if (seen.has(name) && !isRepeatable)
        return fail(`--${name} is given twice: ${placeholder === undefined ? "give it once" : "give one value"}`)
      seen.add(name)
      if (placeholder === undefined) {
        if (inline !== undefined) return fail(`--${name} takes no value: write --${name} alone`)
        options.push(`--${name}`)
        continue
      }
      const next = given[at + 1]
      const follows =
        next !== undefined && !isOption(next) && (bare === undefined || next === "-" || !next.startsWith("-"))
      const value = inline ?? (follows ? next : bare)
      // @effect/cli leaves out an empty value, and the option with it.
      if (value === undefined || value === "") {
        const typed = inline === undefined ? token : `--${name}`
        return fail(`${typed}: its value is missing; expected ${typed} ${placeholder}; ${listing(words)}`)
      }
      if (inline === undefined && follows) at++
      options.push(`--${name}`, value)
    }
  }
  const places = Flag.argumentsOf({ inputs })
  if (positional.length > places.length) {
    const extra = positional[places.length]
    return fail(`${words} takes no argument "${extra}"; \`effect-c10k ${words} --help\` shows what it takes`)
  }
  const missing = places.find(({ isOptional }, at) => positional[at] === "" || (!isOptional && !(at in positional)))
  if (missing !== undefined)
    return fail(`${words}: the argument ${missing.name.toUpperCase()} is missing; ${listing(words)}`)
  return Either.right([...options, ...positional])
}

export const commandComesFirst = (): UserError =>
  UserError.of("the command comes before its options; `effect-c10k --help` lists the commands")

export const noSuchOption = (written: string): UserError => UserError.of(unknownOption(written, "", []))

export const unknownCommand = (written: string, names: ReadonlyArray<string>, parent = ""): UserError =>
  UserError.of(
    `there is no command ${parent}${written}${meant(written, names) || `; the commands are ${names.join(", ")}`}`
  )

/** The error for an unknown command that is the last word of `commands`, as in `life patterns`. */
export const commandOfAnother = (written: string, commands: ReadonlyArray<string>): UserError =>
  UserError.of(`there is no command ${written}; did you mean ${commands.join(" or ")}?`)
