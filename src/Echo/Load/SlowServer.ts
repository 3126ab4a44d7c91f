import * as Count from "../../Text/Count.ts"
import { type Failure, timedOut } from "../Measure/Failure.ts"
import type { Blocked } from "./ClientState.ts"

/** A client stops sending when this many bytes wait for a slow server. */
const BUFFER_LIMIT = 1 << 20

/** Milliseconds until a client checks again whether the server has read. */
export const RETRY = 10

/** Whether so many bytes wait that the client must stop sending. */
export const isBehind = (queued: number): boolean => queued > BUFFER_LIMIT

/**
 * Checks a server that was behind and for which `queued` bytes wait now. Returns `undefined` if the client can send again, the
 * new `Blocked` state if the server still reads, or a failure if it has read nothing within the timeout of the step.
 */
export const poll = (blocked: Blocked, queued: number, now: number): Blocked | Failure | undefined => {
  if (!isBehind(queued)) return undefined
  if (queued < blocked.queued) return { ...blocked, since: now, queued }
  if (now - blocked.since < blocked.timeout) return blocked
  return timedOut("the server read nothing", blocked.timeout, `${Count.format(queued)} bytes are waiting`)
}
