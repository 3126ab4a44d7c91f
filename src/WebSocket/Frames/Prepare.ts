/** Apart from `PreparedMessage.ts`, which browsers load: framing needs Node. */
import * as Frame from "./Frame.ts"
import type { Message } from "./Message.ts"
import type { PreparedMessage } from "./PreparedMessage.ts"

/** Frames a message once, for `offerPrepared` of any number of conversations. */
export const prepare = <M extends Message>(message: M): PreparedMessage<M> => ({
  message,
  frame: Frame.ofMessage(message)
})
