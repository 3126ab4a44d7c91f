/**
 * One buffer into which all sockets of a process read, one after the other. Without it Node allocates 64 KiB for each
 * read, gives back what was not filled, and makes an object of the rest, which the garbage collector must find
 * (docs/decisions/0006).
 *
 * Node offers this for sockets that a program connects, as the option `onread`, but not for those that a server
 * accepts. So the buffer and the function are put where a socket that was made with this option has them. If a version
 * of Node keeps them elsewhere, nothing is done, and the socket reads as usual.
 */

import { type OnReadOpts, Socket } from "node:net"
import * as Predicate from "effect/Predicate"

/**
 * Takes what a socket has read: the bytes before `end`, which are valid until the function returns. Returns `false` to
 * pause the socket. There is no `Buffer` of exactly these bytes, because making one costs 3 % of a relayed message.
 */
export type OnRead = (this: Socket, bytes: Buffer, end: number) => boolean

/** The size of Node's own reads. */
const SIZE = 64 * 1024

interface Handle {
  readonly useUserBuffer: (buffer: Buffer) => void
}

const handleOf = (socket: Socket): Handle | undefined => {
  const handle: unknown = Reflect.get(socket, "_handle")
  return isHandle(handle) ? handle : undefined
}

const isHandle = (handle: unknown): handle is Handle =>
  Predicate.hasProperty(handle, "useUserBuffer") && typeof handle.useUserBuffer === "function"

/** Two ways for sockets to read into one common buffer. */
export interface SharedReads {
  /** The option with which a program makes a socket that does. */
  readonly onread: OnReadOpts
  /** Makes a socket do it that exists already. */
  readonly share: (socket: Socket) => void
  /** Whether `share` does something in this version of Node. */
  readonly isAvailable: boolean
}

/** `onRead` is called with what was read. */
export const make = (onRead: OnRead): SharedReads => {
  const buffer = Buffer.allocUnsafeSlow(SIZE)
  const callback = function (this: Socket, length: number): boolean {
    return onRead.call(this, buffer, length)
  }
  // Node's types know this option only for sockets that connect.
  const options = { readable: true, onread: { buffer, callback } }
  const model = new Socket(options)
  const keyOf = (value: unknown): symbol | undefined =>
    Object.getOwnPropertySymbols(model).find((key) => Reflect.get(model, key) === value)
  const bufferKey = keyOf(buffer)
  const callbackKey = keyOf(callback)
  const { onread } = options
  if (bufferKey === undefined || callbackKey === undefined) return { onread, share: () => {}, isAvailable: false }
  const share = (socket: Socket) => {
    const handle = handleOf(socket)
    // The socket has a buffer already, or is not Node's.
    if (handle === undefined || Reflect.get(socket, bufferKey) !== null) return
    Reflect.set(socket, bufferKey, buffer)
    Reflect.set(socket, callbackKey, callback)
    handle.useUserBuffer(buffer)
  }
  return { onread, share, isAvailable: true }
}
