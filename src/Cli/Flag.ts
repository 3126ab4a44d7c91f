/** The options and arguments of a command, declared once for the parser, help, completions, messages and reference. */
import * as Args from "@effect/cli/Args"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { type Pipeable, pipeArguments } from "effect/Pipeable"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Kind from "../Text/Kind.ts"

/** What a shell offers for a value. */
export type Completion = ReadonlyArray<string> | "file" | "pattern"

/** Names a text and where it was given, for messages: `--size 0`, or `EFFECT_C10K_PORT=http`. */
type Label = (text: string) => string

/** Reads all values that were given. On the left is a message for the user. */
type Reader<A> = (texts: ReadonlyArray<string>, label: Label) => Either.Either<A, string>

/** An option: `-s, --size N`. */
export interface Flag<out A> extends Pipeable {
  readonly _tag: "Flag"
  /** The name without its dashes. */
  readonly name: string
  readonly alias: string | undefined
  /** What the help shows in place of a value; `undefined` for a switch, which has no value. */
  readonly placeholder: string | undefined
  readonly description: string
  /** The default, as the user would write it. */
  readonly fallback: string | undefined
  readonly completion: Completion
  readonly isRepeatable: boolean
  /** The value if the option is given without one. */
  readonly bare: string | undefined
  /** The title under which the help lists it. */
  readonly group: string | undefined
  /** The environment variable that is read if the option is not given. */
  readonly variable: string | undefined
  readonly read: Reader<A>
  /** The value if the option is not given; none: it must be given. */
  readonly absent: Option.Option<A>
  /** Writes a value as the user would. */
  write(value: unknown): string
}

/** An argument without a name: `FILE`. */
export interface Argument<out A> {
  readonly _tag: "Argument"
  readonly name: string
  readonly description: string
  readonly completion: Completion
  readonly isOptional: boolean
  readonly args: Args.Args<A>
}

type Input = Flag<unknown> | Argument<unknown>
export type Inputs = Readonly<Record<string, Input>>

/** The words of a command, its options and its arguments. */
export interface Declaration {
  readonly words: string
  readonly inputs: ReadonlyArray<Input>
}

export const flagsOf = ({ inputs }: Pick<Declaration, "inputs">) => inputs.filter((input) => input._tag === "Flag")

export const argumentsOf = ({ inputs }: Pick<Declaration, "inputs">) =>
  inputs.filter((input) => input._tag === "Argument")

export type Given<I extends Inputs> = {
  readonly [K in keyof I]: I[K] extends Flag<infer A> ? A : I[K] extends Argument<infer A> ? A : never
}

const make = <A>(flag: Omit<Flag<A>, "_tag" | "pipe">): Flag<A> => ({
  _tag: "Flag",
  ...flag,
  pipe() {
    // biome-ignore lint/complexity/noArguments: pipeArguments reads them
    return pipeArguments(this, arguments)
  }
})

const completionOf = (placeholder: string): Completion =>
  placeholder === "FILE" || placeholder === "PATH" ? "file" : placeholder === "PATTERN" ? "pattern" : []

const base = (name: string, description: string) => ({
  ...{ name, description, isRepeatable: false },
  ...{ alias: undefined, fallback: undefined, bare: undefined, group: undefined, variable: undefined }
})

/** An option with any text. The help shows `placeholder` instead of a value. */
export const text = (name: string, placeholder: string, description: string): Flag<string> =>
  make({
    ...base(name, description),
    placeholder,
    completion: completionOf(placeholder),
    read: ([text = ""]) => Either.right(text),
    absent: Option.none(),
    write: String
  })

export const optionalText = (name: string, placeholder: string, description: string) =>
  optional(text(name, placeholder, description))

/** Like `text`, for a secret, which no message shows. */
export const secret = (name: string, description: string): Flag<Redacted.Redacted> =>
  make({
    ...text(name, "SECRET", description),
    read: ([text = ""]) => Either.right(Redacted.make(text)),
    absent: Option.none()
  })

const TRUE = /^(true|yes|on|1)$/i
const FALSE = /^(false|no|off|0)$/i

/** An option without a value. */
export const flag = (name: string, description: string): Flag<boolean> =>
  make({
    ...base(name, description),
    placeholder: undefined,
    completion: [],
    read: ([text = "true"], label) =>
      TRUE.test(text)
        ? Either.right(true)
        : FALSE.test(text)
          ? Either.right(false)
          : Either.left(`${label(text)}: expected true or false`),
    absent: Option.some(false),
    write: String
  })

const readAs =
  <A>(kind: Kind.Kind<A>) =>
  (text: string, label: Label): Either.Either<A, string> =>
    Either.mapLeft(Schema.decodeEither(kind)(text), () => `${label(text)}: expected ${Kind.expectedBy(kind)}`)

/** An option with a value of this kind. */
export const value = <A>(name: string, kind: Kind.Kind<A>, description: string, alias?: string): Flag<A> => {
  const read = readAs(kind)
  const placeholder = Kind.placeholderOf(kind)
  const words = Kind.wordsOf(kind)
  return make({
    ...base(name, description),
    alias,
    placeholder,
    completion: words.length > 0 ? words : completionOf(placeholder),
    read: ([text = ""], label) => read(text, label),
    absent: Option.none(),
    write: (value) => Schema.encodeUnknownSync(kind)(value)
  })
}

/** An option that may be given several times. In a variable, its values are separated by commas. */
export const repeated = <A>(flag: Flag<A>): Flag<ReadonlyArray<A>> =>
  make({
    ...flag,
    isRepeatable: true,
    read: (texts, label) => Either.all(texts.map((text) => flag.read([text], label))),
    absent: Option.some([])
  })

export const values = <A>(name: string, kind: Kind.Kind<A>, description: string): Flag<ReadonlyArray<A>> =>
  repeated(value(name, kind, description))

/** Like `text`, for a repeatable option. */
export const texts = (name: string, placeholder: string, description: string): Flag<ReadonlyArray<string>> =>
  repeated(text(name, placeholder, description))

export const optional = <A>(flag: Flag<A>): Flag<Option.Option<A>> =>
  make({
    ...flag,
    read: (texts, label) => Either.map(flag.read(texts, label), Option.some),
    absent: Option.some(Option.none())
  })

/** The help shows the default as `shown`, or as the user would write it. */
export const withDefault =
  <B>(value: B, shown?: string) =>
  <A>(flag: Flag<A>): Flag<A | B> =>
    make<A | B>({ ...flag, absent: Option.some(value), fallback: shown ?? flag.write(value) })

export const withAlias =
  (alias: string) =>
  <A>(flag: Flag<A>): Flag<A> =>
    make({ ...flag, alias })

/** Reads the environment variable if the option is not given. */
export const withVariable =
  (variable: string) =>
  <A>(flag: Flag<A>): Flag<A> =>
    make({ ...flag, variable })

/** `bare` is the value if the option is given without one. */
export const withBare =
  (bare: string) =>
  <A>(flag: Flag<A>): Flag<A> =>
    make({ ...flag, bare })

export const inGroup =
  (group: string) =>
  <A>(flag: Flag<A>): Flag<A> =>
    make({ ...flag, group })

/** Options that the help lists under one title, in this order. */
export const group = <Flags extends Readonly<Record<string, Flag<unknown>>>>(title: string, flags: Flags): Flags =>
  // Each option keeps its type.
  Object.fromEntries(Object.entries(flags).map(([key, flag]) => [key, inGroup(title)(flag)])) as Flags

export const argument = (name: string, description: string, completion: Completion = []): Argument<string> => ({
  ...{ _tag: "Argument", name, description, completion, isOptional: false },
  args: Args.text({ name })
})

export const optionalArgument = (
  name: string,
  description: string,
  completion: Completion = []
): Argument<Option.Option<string>> => ({
  ...{ _tag: "Argument", name, description, completion, isOptional: true },
  args: Args.optional(Args.text({ name }))
})

/** The description with the default: `Port to listen on. (default: 8000)`. */
export const describe = ({ description, fallback }: Flag<unknown>): string =>
  fallback === undefined ? description : `${description} (default: ${fallback})`

/** The names as they are typed: `--size` and `-s`. */
export const namesOf = ({ alias, name }: Pick<Flag<unknown>, "alias" | "name">): ReadonlyArray<string> =>
  alias === undefined ? [`--${name}`] : [`--${name}`, `-${alias}`]

/** `-s, --size N`. */
export const termOf = ({ alias, name, placeholder }: Flag<unknown>): string =>
  `${alias === undefined ? "" : `-${alias}, `}--${name}${placeholder === undefined ? "" : ` ${placeholder}`}`

const invalid = (message: string) => ValidationError.invalidValue(HelpDoc.p(message))

/** Reads what was given on the command line, else the variable, else takes the default. */
const resolve = <A>(flag: Flag<A>, given: ReadonlyArray<string>): Effect.Effect<A, ValidationError.ValidationError> =>
  Effect.gen(function* () {
    const { absent, isRepeatable, name, placeholder, read, variable } = flag
    if (given.length > 0)
      return yield* Either.mapLeft(
        read(given, (text) => `--${name} ${text}`),
        invalid
      )
    const text = variable === undefined ? Option.none() : yield* Effect.option(Config.string(variable))
    if (Option.isSome(text)) {
      const texts = isRepeatable ? text.value.split(",").map((each) => each.trim()) : [text.value]
      return yield* Either.mapLeft(
        read(texts, (text) => `${variable}=${text}`),
        invalid
      )
    }
    return yield* Effect.mapError(absent, () => invalid(`--${name} is missing: expected --${name} ${placeholder}`))
  })

const optionsOf = <A>(flag: Flag<A>): Options.Options<A> => {
  const { name, placeholder } = flag
  return placeholder === undefined
    ? Options.mapEffect(Options.boolean(name), (isGiven) => resolve(flag, isGiven ? ["true"] : []))
    : Options.mapEffect(Options.repeated(Options.text(name)), (texts) => resolve(flag, texts))
}

/** A record of inputs as the configuration of an @effect/cli command. */
export const config = <I extends Inputs>(
  inputs: I
): Readonly<Record<string, Options.Options<unknown> | Args.Args<unknown>>> =>
  Object.fromEntries(
    Object.entries(inputs).map(([key, input]) => [key, input._tag === "Flag" ? optionsOf(input) : input.args])
  )
