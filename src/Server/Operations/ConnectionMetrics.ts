/** Counts the events of connections, when they happen. */
import { add, counter, family, gauge } from "./MetricFamily.ts"

const open = family(gauge("connections", "WebSockets that are open"), "role")
const accepted = family(counter("connections_accepted", "WebSockets that were accepted"), "role")
const refused = family(counter("connections_refused", "Handshakes refused or not finished"), "cause")
const closed = family(counter("connections_closed", "WebSockets that ended, by close code"), "code")

const slowCloses = counter("slow_closes", "WebSockets closed because their client did not read").register()

const resumes = counter("resumes", "Workers that joined a game that was running").register()

export const unsafeOpened = (role: string): void => {
  add(open(role), 1)
  add(accepted(role), 1)
}

/** Counts an accepted WebSocket that ended. `isSlow`: it was closed because its client did not read. */
export const unsafeClosed = (role: string, code: number, isSlow: boolean): void => {
  add(open(role), -1)
  add(closed(code), 1)
  if (isSlow) add(slowCloses, 1)
}

/** Counts a request for a WebSocket that was refused, or a connection that was closed before it sent one. */
export const unsafeRefused = (cause: string): void => add(refused(cause), 1)

/** Counts a worker that was told to run in a game that was already running. */
export const unsafeResumed = (): void => add(resumes, 1)
