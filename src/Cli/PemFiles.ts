/** Reads and checks the certificates and keys (PEM) of options before they are used. */
import { createSecureContext, type SecureContextOptions } from "node:tls"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { messageOf } from "../Text/Thrown.ts"
import * as OptionFile from "./OptionFile.ts"
import { UserError } from "./UserError.ts"

/** Checks whether OpenSSL can use certificates and keys. `options` names their options in the error. */
export const check = (options: string, given: SecureContextOptions): Either.Either<void, UserError> =>
  Either.try({
    try: () => void createSecureContext(given),
    catch: (error) => {
      // The reason comes after OpenSSL's own numbers.
      const reason = messageOf(error).replace(/^error:[^:]*:[^:]*:[^:]*:/, "")
      return UserError.of(`${options}: expected PEM that TLS can use (${reason})`)
    }
  })

/** Checks trusted certificates. OpenSSL accepts a text without any certificate, and would then trust nobody. */
export const checkAuthorities = (option: string, ca: string): Either.Either<void, UserError> =>
  /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/.test(ca)
    ? check(option, { ca })
    : Either.left(UserError.of(`${option}: the file has no certificate: expected PEM`))

/** Reads the trusted certificates of `--ca` for a server at this URL; `undefined` without `--ca`. */
export const readAuthorities = Effect.fn("PemFiles.readAuthorities")(function* (
  url: Pick<URL, "protocol">,
  path: Option.Option<string>
) {
  if (Option.isNone(path)) return undefined
  if (url.protocol !== "wss:") {
    return yield* UserError.of("--ca is for wss: URLs: leave it out, or give a --url with wss:")
  }
  const ca = yield* OptionFile.read("ca", path.value)
  yield* checkAuthorities(`--ca ${path.value}`, ca)
  return ca
})
