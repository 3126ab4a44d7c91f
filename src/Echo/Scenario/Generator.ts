import * as Either from "effect/Either"
import { parseSize } from "../../Text/Size.ts"
import * as Stamp from "./Stamp.ts"

/** Makes a new value at each call. `random` returns uniform numbers from 0 to 1. */
export type Generator = (random: () => number) => string

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
const LONGEST = 16 * 1024 * 1024

const integer = (args: ReadonlyArray<string>): Generator | string => {
  const [min, max] = args.map(Number)
  if (args.length !== 2 || !Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min! > max!) {
    return "$integer needs two whole numbers, the smaller one first: {{$integer(1, 100)}}"
  }
  return (random) => String(min! + Math.floor(random() * (max! - min! + 1)))
}

const choice = (args: ReadonlyArray<string>): Generator | string =>
  args.length === 0
    ? "$choice needs the texts to choose from: {{$choice(red, green)}}"
    : (random) => args[Math.floor(random() * args.length)]!

const text = (args: ReadonlyArray<string>): Generator | string => {
  const length = args.length === 1 ? parseSize(args[0]!) : undefined
  if (length === undefined || length > LONGEST) {
    return "$text needs its length, at most 16MiB: {{$text(100)}} or {{$text(1KiB)}}"
  }
  return (random) => {
    let out = ""
    for (let i = 0; i < length; i++) out += LETTERS[Math.floor(random() * LETTERS.length)]!
    return out
  }
}

const hex = (random: () => number, digits: number): string =>
  Math.floor(random() * 16 ** digits)
    .toString(16)
    .padStart(digits, "0")

/** A version 4 UUID (RFC 9562). Runs with the same seed make the same UUIDs. */
const uuid: Generator = (random) => {
  const variant = "89ab"[Math.floor(random() * 4)]!
  return `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-${variant}${hex(random, 3)}-${hex(random, 12)}`
}

const withoutArguments: Readonly<Record<string, Generator>> = {
  uuid,
  /** Milliseconds since 1970. */
  timestamp: () => String(Date.now()),
  iso: () => new Date().toISOString(),
  stamp: () => String(Stamp.now())
}

const withArguments: Readonly<Record<string, (args: ReadonlyArray<string>) => Generator | string>> = {
  integer,
  choice,
  text
}

export const EXAMPLES = "$integer(1, 100), $choice(a, b), $text(100), $uuid, $timestamp, $iso, $stamp"

/** Reads `$integer(1, 100)`, `$uuid` and so on. On the left: one line that says what was expected. */
export const parse = (call: string): Either.Either<Generator, string> => {
  const [, name = "", list] = /^\$([a-z]+)(?:\((.*)\))?$/s.exec(call) ?? []
  if (Object.hasOwn(withoutArguments, name)) {
    return list === undefined ? Either.right(withoutArguments[name]!) : Either.left(`$${name} takes no arguments`)
  }
  if (!Object.hasOwn(withArguments, name)) return Either.left(`"${call}" is not one of ${EXAMPLES}`)
  const args = list === undefined || list.trim() === "" ? [] : list.split(",").map((arg) => arg.trim())
  const generator = withArguments[name]!(args)
  return typeof generator === "string" ? Either.left(generator) : Either.right(generator)
}
