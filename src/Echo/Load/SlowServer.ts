import * as Count from "../../Text/Count.ts"
import { type Failure, timedOut } from "../Measure/Failure.ts"
import type { Blocked } from "./ClientState.ts"

/** Bytes that wait for a slow server before a client stops sending. */
const BUFFER_LIMIT = 1 << 20

/** Milliseconds until a client looks again whether the server has read. */
export const RETRY = 10

/** Whether too much waits to send more: so many bytes. */
export const isBehind = (queued: number): boolean => queued > BUFFER_LIMIT

/**
 * A look at a server that was behind, for which `queued` bytes wait now: it is waited for as long as it reads something within
 * the time-out of the step. Absent: it has read enough to send more.
 */
export const look = (blocked: Blocked, queued: number, now: number): Blocked | Failure | undefined => {
  if (!isBehind(queued)) return undefined
  if (queued < blocked.queued) return { ...blocked, since: now, queued }
  if (now - blocked.since < blocked.timeout) return blocked
  return timedOut("the server read nothing", blocked.timeout, `${Count.format(queued)} bytes wait for it`)
}
