/** How a connection is closed that passes one of its limits: the code and the reason that the peer gets. */
import { type Close, CloseCode } from "../Frames/CloseCode.ts"

/** The peer does not read what is sent to it. */
export const SlowReader: Close = { code: CloseCode.PolicyViolation, reason: "slow reader" }

/** The peer does not finish a message. */
export const Unfinished: Close = { code: CloseCode.PolicyViolation, reason: "a message was not finished in time" }

/** This side's handler does not take the peer's messages. */
export const Unread: Close = { code: CloseCode.TryAgainLater, reason: "nobody takes its messages" }

/** The process is over its budget, and holds much for this peer. */
export const ShortOfMemory: Close = { code: CloseCode.TryAgainLater, reason: "the server is short of memory" }
