/**
 * Status codes of RFC 6455, section 7.4.1, that this implementation sends or reports.
 * Codes of an application (4000-4999) are its own matter: see `Protocol/CloseReason.ts`.
 */
export const CloseCode = {
  /** The purpose of the connection is fulfilled. */
  Normal: 1000,
  /** The server is shutting down, or the page is navigating away. */
  GoingAway: 1001,
  /** A frame that violates the protocol. */
  ProtocolError: 1002,
  /** Never sent: the close frame carried no code. */
  NoStatus: 1005,
  /** Never sent: the connection ended without a close frame. */
  Abnormal: 1006,
  /** A text message that is not UTF-8. */
  InvalidPayload: 1007,
  /** A message that a policy forbids. */
  PolicyViolation: 1008,
  /** A message over the limit. */
  TooBig: 1009,
  /** The handler of the connection failed. */
  InternalError: 1011,
  /** The server is overloaded. */
  TryAgainLater: 1013
} as const

/** How a connection ended: `code` 1005 where the peer gave none, 1006 where there was no close frame. */
export interface Close {
  readonly code: number
  readonly reason: string
}

/** Whether a peer may send `code` in a close frame. */
export const isValidCloseCode = (code: number): boolean =>
  Number.isInteger(code) &&
  ((code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999))

/** The code to send for `code`: 1005 (no code) and codes that may be sent stay. All others are a mistake of the caller and become 1011. */
export const sendableCode = (code: number): number =>
  code === CloseCode.NoStatus || isValidCloseCode(code) ? code : CloseCode.InternalError
