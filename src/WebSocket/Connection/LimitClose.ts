/** The close codes and reasons of connections that exceed a limit. */
import { type Close, CloseCode } from "../Frames/CloseCode.ts"

/** The peer does not read what is sent to it. Code 1008. */
export const SlowReader: Close = { code: CloseCode.PolicyViolation, reason: "slow reader" }

/** The peer does not finish a message. Code 1008. */
const Unfinished: Close = { code: CloseCode.PolicyViolation, reason: "a message was not finished in time" }

/** The handler of this side does not take the peer's messages. Code 1013. */
const Unread: Close = { code: CloseCode.TryAgainLater, reason: "messages are not handled in time" }

/** The process is over its memory budget and holds much for this peer. Code 1013. */
export const ShortOfMemory: Close = { code: CloseCode.TryAgainLater, reason: "the server is short of memory" }

interface Limited {
  readonly blocked: boolean
  readonly close: (code: number, reason: string) => void
}

/** Closes a connection that was not read for too long: a close frame of the peer would never be seen. */
export const unread = (connection: Limited): void => close(connection, connection.blocked ? SlowReader : Unread)

/** Closes a connection whose peer did not finish a message in time. */
export const unfinished = (connection: Limited): void => close(connection, Unfinished)

const close = (connection: Limited, { code, reason }: Close): void => connection.close(code, reason)
