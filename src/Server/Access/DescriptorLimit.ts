/**
 * How many connections the process can have. Each needs a file descriptor, and files and the runtime need some too. A
 * server that stays below the limit can still answer the clients that it refuses.
 */
import type { ServerSettings } from "../ServerConfig.ts"

/** File descriptors that are kept for everything but connections. */
const RESERVE = 64

/** The most sockets that are kept for new clients when all others are WebSockets. */
const MAX_SPARE = 1024

/** The same settings, with no more connections than `descriptors` file descriptors allow. */
export const clamp = <A extends Pick<ServerSettings, "maxConnections" | "maxSockets">>(
  settings: A,
  descriptors: number
): A => {
  const maxSockets = Math.min(settings.maxSockets, Math.max(2, descriptors - RESERVE))
  const spare = Math.min(MAX_SPARE, Math.ceil(maxSockets / 8))
  return { ...settings, maxSockets, maxConnections: Math.min(settings.maxConnections, maxSockets - spare) }
}
