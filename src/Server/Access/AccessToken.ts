/** The secret that lets a client take part: `Authorization: Bearer SECRET`, or `?token=SECRET` for clients that cannot set headers. */
import { createHash, timingSafeEqual } from "node:crypto"
import * as Redacted from "effect/Redacted"
import type * as Handshake from "../../WebSocket/Http/Handshake.ts"

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

const presented = ({ headers, url }: Pick<Handshake.Request, "headers" | "url">): string | undefined => {
  const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1]
  if (bearer !== undefined) return bearer
  const query = url.indexOf("?")
  return query < 0 ? undefined : (new URLSearchParams(url.slice(query)).get("token") ?? undefined)
}

/** Checks requests. How long it takes tells nothing of the secret: digests, of one length, are compared to their end. */
export const makeCheck = (
  secret: Redacted.Redacted
): ((request: Pick<Handshake.Request, "headers" | "url">) => boolean) => {
  const expected = digest(Redacted.value(secret))
  return (request) => {
    const token = presented(request)
    return token !== undefined && timingSafeEqual(digest(token), expected)
  }
}
