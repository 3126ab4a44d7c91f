/** The secrets of `--token` and `--token-file`: one, or several that have names. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { AccessToken } from "../../Server/Access/AccessToken.ts"
import * as OptionFile from "../OptionFile.ts"
import { UserError } from "../UserError.ts"
import type { ServeOptions } from "./ServeOptions.ts"

type Parsed = Either.Either<ReadonlyArray<AccessToken>, string>

/** The name of a secret that has no name. */
const UNNAMED = "default"

const one = (secret: string): Parsed => Either.right([{ name: UNNAMED, secret: Redacted.make(secret) }])

const named = (text: string): Parsed => {
  const tokens: Array<AccessToken> = []
  const secrets = new Set<string>()
  for (const [i, line] of text.split("\n").entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const [, name, secret] = /^\s*([A-Za-z0-9_.@-]{1,40}):\s+(\S+)\s*$/.exec(line) ?? []
    // The line may contain a secret, so the message does not quote it.
    if (name === undefined || secret === undefined)
      return Either.left(`line ${i + 1}: expected NAME: SECRET, with a name of 1 to 40 letters, digits and _ . @ -`)
    if (secrets.has(secret))
      return Either.left(
        `line ${i + 1}: the secret of ${name} is also in an earlier line; expected a different secret for each name`
      )
    secrets.add(secret)
    tokens.push({ name, secret: Redacted.make(secret) })
  }
  return tokens.length > 0
    ? Either.right(tokens)
    : Either.left("the file has only comments: expected at least one secret")
}

/** Reads one secret, or one line `NAME: SECRET` for each. Lines that begin with `#` are comments. On the left is a message for the user. */
export const parse = (text: string): Parsed => {
  const secret = text.trim()
  if (secret === "") return Either.left("the token is empty: expected a secret, such as `openssl rand -hex 32` prints")
  return /\s/.test(secret) ? named(text) : one(secret)
}

export const tokensOf = Effect.fn("TokenOptions.tokensOf")(function* ({
  token,
  tokenFile
}: Pick<ServeOptions, "token" | "tokenFile">) {
  if (Option.isSome(token) && Option.isSome(tokenFile))
    return yield* UserError.of("--token and --token-file can't be combined: give one of them")
  if (Option.isSome(token)) {
    const secret = Redacted.value(token.value).trim()
    if (/\s/.test(secret)) return yield* UserError.of("the token contains spaces or line breaks: expected one word")
    return yield* Effect.mapError(parse(secret), UserError.of)
  }
  if (Option.isNone(tokenFile)) return []
  const text = yield* OptionFile.read("token-file", tokenFile.value)
  return yield* Effect.mapError(parse(text), (problem) => UserError.of(`--token-file ${tokenFile.value}: ${problem}`))
})
