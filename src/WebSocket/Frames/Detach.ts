/**
 * Frees large buffers at once. The garbage collector frees one when it finds it, and V8 looks for such memory only when 64 MiB more
 * of it have been taken: until then what was given up takes as much again as what is held.
 */

import { MessageChannel, type MessagePort } from "node:worker_threads"

/** Bytes of a buffer that are worth the call, which takes some microseconds. */
const WORTHWHILE = 16 * 1024

let nowhere: MessagePort | undefined

/** A message posted to a closed port detaches its buffers, and their memory is freed, as HTML's "message port post message steps" say. */
const closedPort = (): MessagePort => {
  const { port1 } = new MessageChannel()
  port1.close()
  return port1
}

/**
 * Frees the memory of a buffer now; it has no bytes afterwards. It must have its memory for itself, as one of
 * `Buffer.allocUnsafeSlow` has, and nobody may use that again. A small buffer is left to the garbage collector.
 */
export const detach = ({ buffer: memory }: Uint8Array): void => {
  if (memory.byteLength < WORTHWHILE || !(memory instanceof ArrayBuffer)) return
  nowhere ??= closedPort()
  nowhere.postMessage(undefined, [memory])
}
