/** The counts of all connections of a reactor, since the start. Counted at every message: only ever incremented. */
export interface Traffic {
  messagesReceived: number
  /** Without frames that were made once for many connections. */
  messagesSent: number
  bytesReceived: number
  bytesSent: number
  /** Of what was gathered for a connection. */
  writes: number
}

export const make = (): Traffic => ({ messagesReceived: 0, messagesSent: 0, bytesReceived: 0, bytesSent: 0, writes: 0 })
