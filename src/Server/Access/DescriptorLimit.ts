/**
 * How many connections the process can have. Each takes a file descriptor, and some are needed for files and for the
 * runtime: a server that keeps below its limit can still tell whom it refuses.
 */

/** Descriptors that are left for everything but connections. */
const RESERVE = 64

/** Of the sockets, those that are left for new clients to ask, when all others are WebSockets. */
const MAX_SPARE = 1024

export interface SocketLimits {
  readonly maxConnections: number
  /** TCP connections in all. */
  readonly maxSockets: number
}

/** The same settings with no more connections than `descriptors` allow. */
export const clamp = <A extends SocketLimits>(settings: A, descriptors: number): A => {
  const maxSockets = Math.min(settings.maxSockets, Math.max(2, descriptors - RESERVE))
  const spare = Math.min(MAX_SPARE, Math.ceil(maxSockets / 8))
  return { ...settings, maxSockets, maxConnections: Math.min(settings.maxConnections, maxSockets - spare) }
}
