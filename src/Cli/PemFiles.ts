/** Certificates and keys (PEM) that options name, tried before anything depends on them. */
import { createSecureContext, type SecureContextOptions } from "node:tls"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as OptionFile from "./OptionFile.ts"
import { UserError } from "./UserError.ts"

/** Asks OpenSSL whether it can use them; `options` names, for the error, where they are from. */
export const check = (options: string, given: SecureContextOptions): Either.Either<void, UserError> =>
  Either.try({
    try: () => void createSecureContext(given),
    catch: (error) => {
      // Behind OpenSSL's own numbers.
      const reason = error instanceof Error ? error.message.replace(/^error:[^:]*:[^:]*:[^:]*:/, "") : String(error)
      return new UserError({ message: `${options}: expected PEM that TLS can use (${reason})` })
    }
  })

/** Checks what is to be trusted. OpenSSL takes a text without any certificate for one that trusts nobody. */
export const checkAuthorities = (option: string, ca: string): Either.Either<void, UserError> =>
  /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/.test(ca)
    ? check(option, { ca })
    : Either.left(new UserError({ message: `${option}: there is no certificate in it: expected PEM` }))

/** Reads what is to be trusted from the file that `--ca` names. */
export const readAuthorities = Effect.fn("PemFiles.readAuthorities")(function* (path: string) {
  const ca = yield* OptionFile.read("ca", path)
  yield* checkAuthorities(`--ca ${path}`, ca)
  return ca
})
