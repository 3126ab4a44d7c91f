/** Counts what happens to connections, when it happens. */
import { add, counter, family, gauge } from "./MetricFamily.ts"

const open = family(gauge("connections", "WebSockets that are open"), "role")
const accepted = family(counter("connections_accepted", "WebSockets that were let in"), "role")
const refused = family(counter("connections_refused", "Handshakes refused or not finished"), "cause")
const closed = family(counter("connections_closed", "WebSockets that ended, by close code"), "code")

const slowCloses = counter("slow_closes", "WebSockets closed because their client did not read").register()

const resumes = counter("resumes", "Workers that joined a game that was running").register()

/** A WebSocket was let in. */
export const unsafeOpened = (role: string): void => {
  add(open(role), 1)
  add(accepted(role), 1)
}

/** A WebSocket that was let in ended; `isSlow`: it was closed because its client did not read. */
export const unsafeClosed = (role: string, code: number, isSlow: boolean): void => {
  add(open(role), -1)
  add(closed(code), 1)
  if (isSlow) add(slowCloses, 1)
}

/** A request for a WebSocket was refused, or a connection was dropped that had made none. */
export const unsafeRefused = (cause: string): void => add(refused(cause), 1)

/** A worker was told to run in a game that was running. */
export const unsafeResumed = (): void => add(resumes, 1)
