/** The close codes and reasons of connections that exceed a limit. */
import { type Close, CloseCode } from "../Frames/CloseCode.ts"

/** The peer does not read what is sent to it. Code 1008. */
export const SlowReader: Close = { code: CloseCode.PolicyViolation, reason: "slow reader" }

/** The peer does not finish a message. Code 1008. */
export const Unfinished: Close = { code: CloseCode.PolicyViolation, reason: "a message was not finished in time" }

/** The handler of this side does not take the peer's messages. Code 1013. */
export const Unread: Close = { code: CloseCode.TryAgainLater, reason: "messages are not handled in time" }

/** The process is over its memory budget and holds much for this peer. Code 1013. */
export const ShortOfMemory: Close = { code: CloseCode.TryAgainLater, reason: "the server is short of memory" }
