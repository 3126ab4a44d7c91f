/** Frees large buffers at once. V8 looks for them only after 64 MiB more were allocated, and holds as much garbage. */

import { MessageChannel, type MessagePort } from "node:worker_threads"
import type { Message } from "./Message.ts"

/** The smallest buffer, in bytes, that is worth the call, which takes some microseconds. */
const WORTHWHILE = 16 * 1024

let nowhere: MessagePort | undefined

/** A closed port detaches what is posted to it: "message port post message steps" in the HTML standard. */
const closedPort = (): MessagePort => {
  const { port1 } = new MessageChannel()
  port1.close()
  return port1
}

/**
 * Frees the memory of a buffer now. The buffer has no bytes afterwards, and nobody may use its memory again. The garbage
 * collector frees a small buffer later, and one in the pool that `Buffer.allocUnsafe` shares.
 */
export const detach = ({ buffer: memory }: Uint8Array): void => {
  if (memory.byteLength < WORTHWHILE || !(memory instanceof ArrayBuffer)) return
  nowhere ??= closedPort()
  try {
    nowhere.postMessage(undefined, [memory])
  } catch {
    // The pool of `Buffer.allocUnsafe` can't be detached: it has 64 KiB from Node 24 on, and this throws. Before, it was
    // smaller than what is worth the call.
  }
}

/** Frees a message that nobody will use: it has left, or its connection has ended before anybody saw it. */
export const free = (message: Message): void => {
  if (typeof message !== "string") detach(message)
}
