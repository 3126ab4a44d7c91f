/**
 * Writes to a socket without its stream. For each write of a stream Node makes a request, and uses the fields of the socket, of the
 * stream and of its state. With ten thousand connections these are not in the CPU cache, and the kernel nearly always takes all bytes
 * at once, so the request is not used (docs/decisions/0007).
 *
 * A direct write gives the bytes to the socket's handle, as the stream does in the end. Only bytes that are left need a request:
 * - Up to Node 24, each write must be given one, and the request tells whether it was used. All sockets share one until it is.
 * - From Node 26 on, a write that leaves bytes makes one and returns it.
 *
 * Which way it is, is found once, at the start, on a socket that is made for that. If it is neither, there are no direct writes.
 */

import { Socket } from "node:net"
import * as Predicate from "effect/Predicate"
import type { ByteString } from "../Frames/Frame.ts"

/** The part of a socket's handle that a direct write uses. */
export interface Handle {
  /** Returns 0, the number of an error, or the request of the bytes that are left. */
  readonly writeLatin1String: (request: Request | null, bytes: ByteString) => number | Request
  /** The number of bytes that are left. */
  readonly writeQueueSize: number
}

interface Request {
  /**
   * Returns -1 until a write uses the request. `writeQueueSize` does not tell: libuv tries a second time to write what is left, and if
   * the peer has read meanwhile nothing is, but the request is used until the next turn. To use it again then aborts the process.
   */
  readonly getAsyncId: () => number
  /** Called when the bytes have left, with 0 or the number of an error. */
  oncomplete?: (status: number) => void
}

type RequestClass = new () => Request

const UNUSED = -1

/** The bytes of a write that the kernel did not take at once. */
export interface Rest {
  /** How many there are. It can be 0: the connection is lost, or the kernel has just taken them. */
  readonly bytes: number
  /** Calls `f` when the kernel has taken them. `isLost`: the connection is lost before that. */
  readonly onceTaken: (f: (isLost: boolean) => void) => void
}

const lost: Rest = { bytes: 0, onceTaken: (f) => f(true) }

/** What Node's stream gives to a write of its handle: a request of this class, or `null`. Otherwise `undefined`. */
const findRequestClass = (): RequestClass | null | undefined => {
  let found: RequestClass | null | undefined
  const handle = {
    writeLatin1String: (request: unknown): number => {
      if (request === null) found = null
      else if (typeof request === "object") found = request.constructor as RequestClass
      return 0
    },
    close: () => {}
  }
  // Node's types do not know the option `handle`.
  const options = { handle, readable: false }
  try {
    new Socket(options).write("?", "latin1")
    if (found && new found().getAsyncId() !== UNUSED) return undefined
  } catch {
    return undefined
  }
  return found
}

const Class = findRequestClass()
const makeRequest = (): Request | null => (Class ? new Class() : null)
/** Whether this version of Node has direct writes. */
export const isAvailable = Class !== undefined

let request = makeRequest()

/**
 * The handle of a TCP or Unix socket. `undefined` for all that must be written to as streams: TLS, whose bytes must be encrypted
 * first, streams that are no sockets of Node's, and a socket whose stream still holds bytes.
 */
export const handleOf = (socket: Socket): Handle | undefined => {
  if (Class === undefined || Object.getPrototypeOf(socket) !== Socket.prototype) return undefined
  if (socket.writableLength > 0) return undefined
  const handle: unknown = Reflect.get(socket, "_handle")
  return isHandle(handle) ? handle : undefined
}

const isHandle = (handle: unknown): handle is Handle =>
  Predicate.hasProperty(handle, "writeLatin1String") &&
  typeof handle.writeLatin1String === "function" &&
  Predicate.hasProperty(handle, "writeQueueSize") &&
  typeof handle.writeQueueSize === "number"

/** Writes. If there is a rest, nothing else may be written to the handle before it is taken. */
export const write = (handle: Handle, bytes: ByteString): Rest | undefined => {
  const result = handle.writeLatin1String(request, bytes)
  if (result === 0 && (request === null || request.getAsyncId() === UNUSED)) return undefined
  return restOf(handle, result)
}

const restOf = (handle: Handle, result: number | Request): Rest => {
  const used = typeof result === "object" ? result : request
  request = makeRequest()
  // A handle that is closed returns no number.
  const hasFailed = result !== 0 && result !== used
  if (used === null || hasFailed) return lost
  return {
    bytes: handle.writeQueueSize,
    onceTaken: (f) => {
      used.oncomplete = (status) => f(status < 0)
    }
  }
}
