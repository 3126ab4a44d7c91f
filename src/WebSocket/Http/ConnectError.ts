import * as Schema from "effect/Schema"

/** Why a client could not connect. */
export const ConnectFailure = Schema.Literal(
  /** The options can't be sent, such as a header with a line end in it. */
  "Request",
  /** No server listens there. */
  "Refused",
  /** The connection was reset or aborted. */
  "Reset",
  /** The connection was not open in time. */
  "Timeout",
  /** The host's name has no address. */
  "Dns",
  /** The host or network can't be reached. */
  "Unreachable",
  /** The certificate or the TLS handshake failed. */
  "Tls",
  /** No local address, port or file descriptor was left, or the local address is not this machine's. */
  "Local",
  /** The proxy did not connect to the server. */
  "Proxy",
  /** The server answered with a status other than 101. */
  "Status",
  /** The server's answer is not a valid handshake. */
  "Handshake",
  /** The server closed the connection before it answered. */
  "Closed",
  /** A system call failed for another reason, which the detail names. */
  "System"
)
export type ConnectFailure = typeof ConnectFailure.Type

/** A client could not connect. `failure` is the kind, `detail` and `message` are for people. */
export class ConnectError extends Schema.TaggedError<ConnectError>()("ConnectError", {
  /** The url without user, password and query, which may hold secrets. */
  url: Schema.String,
  failure: ConnectFailure,
  detail: Schema.String,
  /** The HTTP status, if the failure is `Status`. */
  status: Schema.optionalWith(Schema.Number, { exact: true })
}) {
  override get message(): string {
    return `${this.url}: ${this.detail}`
  }
}

/** 408 Request Timeout, 425 Too Early and 429 Too Many Requests: the same request may succeed later. */
const passing: ReadonlySet<number> = new Set([408, 425, 429])

/** Whether the cause of this HTTP status may pass by itself: that of the server or a proxy, and not the client's request. */
export const mayPass = (status: number): boolean => status >= 500 || passing.has(status)

/**
 * Whether a run that somebody has just started ends with this failure: a wrong certificate, path or token stays wrong while they watch.
 * `Reconnecting` has another rule, because its clients are still there when somebody has mended the server.
 */
export const isFinalFailure = ({ failure, status = 0 }: ConnectError): boolean =>
  failure === "Request" || failure === "Tls" || failure === "Handshake" || (failure === "Status" && !mayPass(status))

const failures: Readonly<Record<string, readonly [ConnectFailure, string]>> = {
  ECONNREFUSED: ["Refused", "connection refused: nothing listens there"],
  ENOENT: ["Refused", "there is no such Unix socket"],
  ECONNRESET: ["Reset", "the server reset the connection"],
  ECONNABORTED: ["Reset", "the connection was aborted"],
  EPIPE: ["Reset", "the server reset the connection"],
  ETIMEDOUT: ["Timeout", "no answer from the host"],
  ERR_SOCKET_CONNECTION_TIMEOUT: ["Timeout", "no answer from the host"],
  ENOTFOUND: ["Dns", "unknown host"],
  EAI_AGAIN: ["Dns", "the host's address can't be looked up now"],
  EHOSTUNREACH: ["Unreachable", "the host can't be reached"],
  EHOSTDOWN: ["Unreachable", "the host is down"],
  ENETUNREACH: ["Unreachable", "the network can't be reached"],
  ENETDOWN: ["Unreachable", "the network is down"],
  EADDRNOTAVAIL: ["Local", "no local address or port is left"],
  EADDRINUSE: ["Local", "the local port is in use"],
  EMFILE: ["Local", "too many open files in this process"],
  ENFILE: ["Local", "too many open files in this machine"],
  ENOBUFS: ["Local", "this machine has no memory left for connections"],
  ENOMEM: ["Local", "this machine has no memory left for connections"]
}

/** An error of a socket of Node. For TLS, `reason` has OpenSSL's own words. */
interface SocketError extends Error {
  readonly code?: string | undefined
  readonly syscall?: string | undefined
  readonly reason?: string
}

/** The part of an HTTP answer that an error shows. */
interface Answer {
  readonly status: number
  readonly phrase: string
}

/** The failure and the text of an error: for a name with several addresses, those of the first cause. */
const described = (error: SocketError): readonly [ConnectFailure, string] => {
  if (error.code === undefined && error instanceof AggregateError) return described(error.errors[0] as SocketError)
  const { code = "", syscall } = error
  const known = failures[code]
  if (known !== undefined) return known
  if (syscall === "bind") return ["Local", `the local address or port can't be used: ${code}`]
  if (syscall === "getaddrinfo") return ["Dns", `the host's address can't be looked up: ${code}`]
  // An invalid TLS record is reported as EPROTO of the call that met it. Other errors that name a call are the
  // system's.
  if (syscall !== undefined && code !== "EPROTO") return ["System", `${syscall} failed: ${code}`]
  return ["Tls", tlsProblem(error)]
}

/** OpenSSL's `reason`, because its message has source positions and line ends. */
const tlsProblem = (error: SocketError): string => {
  if (/wrong.version.number/i.test(error.message))
    return "the server does not speak TLS here: should the url begin with ws: or http:?"
  return error.reason ?? error.message.split("\n", 1)[0]!
}

/** The url without secrets: a token or a password must not get into logs. */
const shown = ({ host, pathname, protocol, search }: URL): string =>
  `${protocol}//${host}${pathname}${search === "" ? "" : "?..."}`

export function connectError(url: URL, error: SocketError): ConnectError
export function connectError(url: URL, failure: ConnectFailure, detail: string, response?: Answer): ConnectError
export function connectError(
  url: URL,
  cause: SocketError | ConnectFailure,
  detail = "",
  response?: Answer
): ConnectError {
  if (typeof cause !== "string") {
    const [failure, text] = described(cause)
    return new ConnectError({ url: shown(url), failure, detail: text })
  }
  if (response === undefined) return new ConnectError({ url: shown(url), failure: cause, detail })
  const said = detail === "" ? "" : `: ${detail}`
  return new ConnectError({
    url: shown(url),
    failure: cause,
    detail: `the server answered ${response.status} ${response.phrase}${said}`,
    status: response.status
  })
}
