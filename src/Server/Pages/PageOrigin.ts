/** The origin under which a client requests a page, for links in the page: `https://life.example`. */
import type { IncomingHttpHeaders } from "node:http"
import * as ClientAddress from "../../WebSocket/Http/ClientAddress.ts"

/** `undefined` if the `Host` header is not a valid host name, because it would get into the page. */
export type PageOrigin = (remoteAddress: string | undefined, headers: IncomingHttpHeaders) => string | undefined

const host = /^(?:[\w.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i

/** `isSecure`: the server itself speaks TLS. The `X-Forwarded-Proto` of `trustedProxies` is believed. */
export const make = (isSecure: boolean, trustedProxies: ReadonlyArray<string>): PageOrigin => {
  const clientOf = ClientAddress.make(trustedProxies)
  return (remoteAddress, headers) => {
    if (headers.host === undefined || !host.test(headers.host)) return undefined
    const { scheme } = clientOf(remoteAddress, headers)
    const speaksTls = scheme === undefined ? isSecure : scheme === "https"
    return `${speaksTls ? "https" : "http"}://${headers.host}`
  }
}
