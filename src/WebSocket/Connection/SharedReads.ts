/**
 * One buffer into which the sockets of a process read, one after the other. Without it Node takes 64 KiB for each read, gives back
 * what did not come, and makes an object of the rest that a collection must find (docs/decisions/0006).
 *
 * Node has this for sockets that a program connects, as the option `onread`, and not for those that a server accepts. So
 * they are given what the option gives: its buffer and its function, where a socket that was made with the option has them.
 * Where Node keeps them otherwise, nothing is done, and a socket reads as ever.
 */
import { Socket } from "node:net"

/**
 * Takes what a socket has read: the bytes before `end`, which are valid until it returns. `false` to read no more until the socket
 * is resumed. There is no `Buffer` of just these bytes: making one costs 3 % of a relayed message.
 */
export type OnRead = (this: Socket, bytes: Buffer, end: number) => boolean

/** As much as Node reads at once. */
const SIZE = 64 * 1024

/** What takes the bytes of a socket, of those that have an `_handle`. */
interface Handle {
  readonly useUserBuffer: (buffer: Buffer) => void
}

const handleOf = (socket: Socket): Handle | undefined => {
  const handle: unknown = Reflect.get(socket, "_handle")
  return isHandle(handle) ? handle : undefined
}

const isHandle = (handle: unknown): handle is Handle =>
  typeof handle === "object" &&
  handle !== null &&
  "useUserBuffer" in handle &&
  typeof handle.useUserBuffer === "function"

/** Gives a function that has a socket read into the buffer that all have in common, and `onRead` take what it has read. */
export const make = (onRead: OnRead): ((socket: Socket) => void) => {
  const buffer = Buffer.allocUnsafeSlow(SIZE)
  const callback = function (this: Socket, length: number): boolean {
    return onRead.call(this, buffer, length)
  }
  // Node's types know the option of sockets that connect only.
  const options = { readable: true, onread: { buffer, callback } }
  const model = new Socket(options)
  const keyOf = (value: unknown): symbol | undefined =>
    Object.getOwnPropertySymbols(model).find((key) => Reflect.get(model, key) === value)
  const bufferKey = keyOf(buffer)
  const callbackKey = keyOf(callback)
  if (bufferKey === undefined || callbackKey === undefined) return () => {}
  return (socket) => {
    const handle = handleOf(socket)
    // Any other value: it has a buffer already, or is no socket of Node's.
    if (handle === undefined || Reflect.get(socket, bufferKey) !== null) return
    Reflect.set(socket, bufferKey, buffer)
    Reflect.set(socket, callbackKey, callback)
    handle.useUserBuffer(buffer)
  }
}
