import * as Schema from "effect/Schema"
import type { Response } from "./Handshake.ts"

/** Why a client has no connection. */
export const ConnectFailure = Schema.Literal(
  /** The options ask for what can't be sent, such as a header with a line end in it. */
  "Request",
  /** Nothing listens there. */
  "Refused",
  "Reset",
  "Timeout",
  /** The name has no address. */
  "Dns",
  /** The host or network can't be reached. */
  "Unreachable",
  /** The certificate or the TLS handshake failed. */
  "Tls",
  /** No local address, port or file descriptor was left, or the local address is not this machine's. */
  "Local",
  /** The server answered with another status than 101. */
  "Status",
  /** The server's answer is not a proper handshake. */
  "Handshake",
  /** The server closed the connection before it answered. */
  "Closed"
)
export type ConnectFailure = typeof ConnectFailure.Type

export class ConnectError extends Schema.TaggedError<ConnectError>()("ConnectError", {
  url: Schema.String,
  failure: ConnectFailure,
  /** What happened, in words. */
  detail: Schema.String,
  /** The HTTP status, where that is the failure. */
  status: Schema.optionalWith(Schema.Number, { exact: true })
}) {
  override get message(): string {
    return `${this.url}: ${this.detail}`
  }
}

const failures: Readonly<Record<string, readonly [ConnectFailure, string]>> = {
  ECONNREFUSED: ["Refused", "connection refused: nothing listens there"],
  ECONNRESET: ["Reset", "the server reset the connection"],
  EPIPE: ["Reset", "the server reset the connection"],
  ETIMEDOUT: ["Timeout", "no answer from the host"],
  ENOTFOUND: ["Dns", "unknown host"],
  EAI_AGAIN: ["Dns", "the host's address can't be looked up now"],
  EHOSTUNREACH: ["Unreachable", "the host can't be reached"],
  ENETUNREACH: ["Unreachable", "the network can't be reached"],
  EADDRNOTAVAIL: ["Local", "no local address or port is left"],
  EADDRINUSE: ["Local", "the local port is in use"],
  EMFILE: ["Local", "too many open files in this process"],
  ENFILE: ["Local", "too many open files in this machine"]
}

/** `AggregateError`s (a name with several addresses) hold the causes; the first stands for all. */
const codeOf = (error: NodeJS.ErrnoException): string | undefined =>
  error.code ??
  (error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined)?.code : undefined)

/** What OpenSSL says has its places in the source and line ends; its reason has not. */
const tlsProblem = (error: NodeJS.ErrnoException & { readonly reason?: string }): string => {
  if (/wrong.version.number/i.test(error.message)) return "the server speaks no TLS here: ws: instead of wss:?"
  return error.reason ?? error.message.split("\n", 1)[0]!
}

export function connectError(url: URL, error: NodeJS.ErrnoException): ConnectError
export function connectError(url: URL, failure: ConnectFailure, detail: string, response?: Response): ConnectError
export function connectError(
  url: URL,
  cause: NodeJS.ErrnoException | ConnectFailure,
  detail = "",
  response?: Response
): ConnectError {
  if (typeof cause !== "string") {
    const code = codeOf(cause)
    const [failure, text] = (code === undefined ? undefined : failures[code]) ?? ["Tls" as const, tlsProblem(cause)]
    return new ConnectError({ url: url.href, failure, detail: text })
  }
  if (response === undefined) return new ConnectError({ url: url.href, failure: cause, detail })
  const said = detail === "" ? "" : `: ${detail}`
  return new ConnectError({
    url: url.href,
    failure: cause,
    detail: `the server answered ${response.status} ${response.phrase}${said}`,
    status: response.status
  })
}
