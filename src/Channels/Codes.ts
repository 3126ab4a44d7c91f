/** The codes of Centrifugo's client protocol: errors in replies, disconnects (close codes) and unsubscribes. */
import * as Schema from "effect/Schema"

/**
 * A command is refused: the client gets a reply with this error, and stays connected. Codes from 400 to 1999 are the
 * application's own. A client repeats a command whose error is `temporary`.
 */
export class ReplyError extends Schema.TaggedError<ReplyError>()("ReplyError", {
  code: Schema.Number,
  message: Schema.String,
  temporary: Schema.Boolean
}) {}

/**
 * The connection is closed with this code and reason (at most 123 bytes). Clients come back after 3000 to 3499 and 4000
 * to 4499, and do not after 3500 to 3999 and 4500 to 4999. Codes from 4000 on are the application's own.
 */
export class Disconnect extends Schema.TaggedError<Disconnect>()("Disconnect", {
  code: Schema.Number,
  reason: Schema.String
}) {
  override get message(): string {
    return `disconnect ${this.code}: ${this.reason}`
  }
}

const error = (code: number, message: string, temporary = false) => new ReplyError({ code, message, temporary })

/** The errors of the protocol. */
export const errors = {
  internal: error(100, "internal server error", true),
  unauthorized: error(101, "unauthorized"),
  unknownChannel: error(102, "unknown channel"),
  permissionDenied: error(103, "permission denied"),
  methodNotFound: error(104, "method not found"),
  alreadySubscribed: error(105, "already subscribed"),
  limitExceeded: error(106, "limit exceeded"),
  badRequest: error(107, "bad request"),
  notAvailable: error(108, "not available"),
  tokenExpired: error(109, "token expired"),
  expired: error(110, "expired"),
  tooManyRequests: error(111, "too many requests", true),
  unrecoverablePosition: error(112, "unrecoverable position")
} as const

const disconnect = (code: number, reason: string) => new Disconnect({ code, reason })

/** The disconnects of the protocol. */
export const disconnects = {
  shutdown: disconnect(3001, "shutdown"),
  internal: disconnect(3004, "internal server error"),
  expired: disconnect(3005, "connection expired"),
  slow: disconnect(3008, "slow"),
  insufficientState: disconnect(3010, "insufficient state"),
  forceReconnect: disconnect(3011, "force reconnect"),
  noPong: disconnect(3012, "no pong"),
  invalidToken: disconnect(3500, "invalid token"),
  badRequest: disconnect(3501, "bad request"),
  stale: disconnect(3502, "stale"),
  forceDisconnect: disconnect(3503, "force disconnect"),
  connectionLimit: disconnect(3504, "connection limit"),
  channelLimit: disconnect(3505, "channel limit"),
  inappropriateProtocol: disconnect(3506, "inappropriate protocol"),
  permissionDenied: disconnect(3507, "permission denied"),
  notAvailable: disconnect(3508, "not available")
} as const

/** Why a server ends a subscription. From 2500 on the client subscribes again. */
export const unsubscribes = {
  server: { code: 2000, reason: "server unsubscribe" },
  insufficientState: { code: 2500, reason: "insufficient state" },
  expired: { code: 2501, reason: "expired" }
} as const

/** Whether a client comes back after this close code. */
export const comesBack = (code: number): boolean =>
  !((code >= 3500 && code < 4000) || (code >= 4500 && code < 5000)) && code !== 1009
