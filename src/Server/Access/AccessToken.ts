/** The secrets of clients: `Authorization: Bearer SECRET`, or `?token=SECRET` for those that can't set headers. */
import { createHash, timingSafeEqual } from "node:crypto"
import * as Redacted from "effect/Redacted"
import { queryOf } from "../../Text/Query.ts"
import type * as Handshake from "../../WebSocket/Http/Handshake.ts"

export interface AccessToken {
  /** The name of the client that has the secret. It is public, and two secrets may have the same name. */
  readonly name: string
  readonly secret: Redacted.Redacted
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

const presented = ({ headers, url }: Pick<Handshake.Request, "headers" | "url">): string | undefined => {
  const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1]
  return bearer ?? queryOf(url).get("token") ?? undefined
}

/**
 * Returns a function that finds the name of the token that a request has, if there is one. How long it takes does not
 * depend on the secrets: it compares digests of one length to their end, and compares all of them.
 */
export const makeFind = (
  tokens: ReadonlyArray<AccessToken>
): ((request: Pick<Handshake.Request, "headers" | "url">) => string | undefined) => {
  const known = tokens.map(({ name, secret }) => ({ name, expected: digest(Redacted.value(secret)) }))
  return (request) => {
    const token = presented(request)
    if (token === undefined) return undefined
    const shown = digest(token)
    return known.filter(({ expected }) => timingSafeEqual(shown, expected))[0]?.name
  }
}
