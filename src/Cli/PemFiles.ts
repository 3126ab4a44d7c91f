/** Certificates and keys (PEM) that options name, tried before anything depends on them. */
import { createSecureContext, type SecureContextOptions } from "node:tls"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
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

/** Reads what is to be trusted from the file that `--ca` names, if it does, for a server at this url. */
export const readAuthorities = Effect.fn("PemFiles.readAuthorities")(function* (
  url: Pick<URL, "protocol">,
  path: Option.Option<string>
) {
  if (Option.isNone(path)) return undefined
  if (url.protocol !== "wss:") {
    return yield* new UserError({ message: "--ca is for wss: urls: leave it out, or give such an --url" })
  }
  const ca = yield* OptionFile.read("ca", path.value)
  yield* checkAuthorities(`--ca ${path.value}`, ca)
  return ca
})
