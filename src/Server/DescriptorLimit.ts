/**
 * How many connections the process can have. Each takes a file descriptor, and some are needed for files and for the
 * runtime: a server that keeps below its limit can still tell whom it refuses.
 */
import type { ServerSettings } from "./ServerConfig.ts"

/** Descriptors that are left for everything but connections. */
const RESERVE = 64

/** The same settings with no more connections than `descriptors` allow, a quarter of them for handshakes at most. */
export const clamp = <A extends Pick<ServerSettings, "maxConnections" | "maxPending">>(
  settings: A,
  descriptors: number
): A => {
  const usable = Math.max(2, descriptors - RESERVE)
  const maxPending = Math.min(settings.maxPending, Math.ceil(usable / 4))
  return { ...settings, maxPending, maxConnections: Math.min(settings.maxConnections, usable - maxPending) }
}
