/**
 * How many connections the process can have. Each needs a file descriptor, and files and the runtime need some too. A
 * server that stays below the limit can still answer the clients that it refuses.
 */

/** File descriptors that are kept for everything but connections. */
const RESERVE = 64

/** The most sockets that are kept for new clients when all others are WebSockets. */
const MAX_SPARE = 1024

export interface SocketLimits {
  readonly maxConnections: number
  /** The most TCP connections of all kinds. */
  readonly maxSockets: number
}

/** The same settings, with no more connections than `descriptors` file descriptors allow. */
export const clamp = <A extends SocketLimits>(settings: A, descriptors: number): A => {
  const maxSockets = Math.min(settings.maxSockets, Math.max(2, descriptors - RESERVE))
  const spare = Math.min(MAX_SPARE, Math.ceil(maxSockets / 8))
  return { ...settings, maxSockets, maxConnections: Math.min(settings.maxConnections, maxSockets - spare) }
}
