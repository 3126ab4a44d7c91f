/** What all connections of a reactor did together, since the start. Counted at every message: only ever incremented. */
export interface Traffic {
  messagesReceived: number
  /** Messages and control frames. */
  framesSent: number
  bytesReceived: number
  bytesSent: number
}

export const make = (): Traffic => ({ messagesReceived: 0, framesSent: 0, bytesReceived: 0, bytesSent: 0 })
