/** The status codes of RFC 6455, section 7.4.1. Applications have their own: see `Protocol/CloseReason.ts`. */
export const CloseCode = {
  /** The connection has served its purpose. */
  Normal: 1000,
  /** The server is shutting down, or the page is navigating away. */
  GoingAway: 1001,
  /** The peer sent a frame that violates the protocol. */
  ProtocolError: 1002,
  /** Never sent: the close frame carried no code. */
  NoStatus: 1005,
  /** Never sent: the connection ended without a close frame. */
  Abnormal: 1006,
  /** The peer sent a text message that is not UTF-8, or one that can't be decoded. */
  InvalidPayload: 1007,
  /** The peer broke a rule other than the protocol: it reads too slowly, or sends too many fragments. */
  PolicyViolation: 1008,
  /** The peer sent a message that is larger than the limit. */
  TooBig: 1009,
  /** The handler of the connection failed. */
  InternalError: 1011,
  /** The server is overloaded. The client may try again later. */
  TryAgainLater: 1013
} as const

/** How a connection ended. `code` is 1005 for a close frame without a code, 1006 without a close frame. */
export interface Close {
  readonly code: number
  readonly reason: string
}

/** Whether a peer may send `code` in a close frame. */
export const isValidCloseCode = (code: number): boolean =>
  Number.isInteger(code) &&
  ((code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999))

/** The code to send. 1005 (no code) may be sent. One that may not is a mistake of the caller, and becomes 1011. */
export const sendableCode = (code: number): number =>
  code === CloseCode.NoStatus || isValidCloseCode(code) ? code : CloseCode.InternalError
