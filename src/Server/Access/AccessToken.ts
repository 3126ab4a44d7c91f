/**
 * The secrets that let clients take part: `Authorization: Bearer SECRET`, or `?token=SECRET` for clients that cannot set headers.
 */
import { createHash, timingSafeEqual } from "node:crypto"
import * as Redacted from "effect/Redacted"
import type * as Handshake from "../../WebSocket/Http/Handshake.ts"

export interface AccessToken {
  /** Of whom it was given to. It may be told; two secrets may have the same. */
  readonly name: string
  readonly secret: Redacted.Redacted
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

const presented = ({ headers, url }: Pick<Handshake.Request, "headers" | "url">): string | undefined => {
  const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1]
  if (bearer !== undefined) return bearer
  const query = url.indexOf("?")
  return query < 0 ? undefined : (new URLSearchParams(url.slice(query)).get("token") ?? undefined)
}

/**
 * Gives the name of the token that a request shows, if it shows one. How long that takes tells nothing of the secrets: digests, of one
 * length, are compared to their end, with all of them.
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
