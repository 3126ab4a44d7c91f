/** The counts of all connections of a reactor since its start, incremented for each message. */
export interface Traffic {
  messagesReceived: number
  /** Does not include frames that were made once for many connections. */
  messagesSent: number
  bytesReceived: number
  bytesSent: number
  /** Writes of gathered bytes. Large messages have writes of their own, which are not counted. */
  writes: number
}

export const make = (): Traffic => ({ messagesReceived: 0, messagesSent: 0, bytesReceived: 0, bytesSent: 0, writes: 0 })
