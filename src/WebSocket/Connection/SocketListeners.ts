/** Listeners that all sockets share: ten thousand sockets do not need ten thousand functions each. */
import type { Socket } from "node:net"
import * as SharedReads from "./SharedReads.ts"

/** Handles the events of a socket. */
export interface SocketOwner {
  /** Takes the bytes before `end`. They are valid until the call returns, and may be changed. */
  readonly push: (bytes: Buffer, end: number) => void
  readonly socketEnded: () => void
  readonly socketClosed: () => void
  /** An error, which `socketClosed` follows. */
  readonly socketFailed?: (error: NodeJS.ErrnoException) => void
}

interface Owned extends Socket {
  [owner]?: SocketOwner | undefined
}
const owner = Symbol("effect-c10k/WebSocket/SocketListeners")

/** Listens to a socket that nobody else reads, in place of an earlier owner. `isDirect`: it may share the buffer. */
export const listen = (socket: Owned, to: SocketOwner, isDirect = true): void => {
  if (socket[owner] !== undefined) {
    socket[owner] = to
    return
  }
  // For bytes that the stream holds already, and for sockets that can't share a buffer.
  listenAsStream(socket, to)
  if (isDirect) reads.share(socket)
}

/** The same for a socket that must stay a stream. */
export const listenAsStream = (socket: Owned, to: SocketOwner): void => {
  socket.on("data", onData)
  listenForEnd(socket, to)
}

/** Stops listening, so that others can read the socket as a stream. */
export const unlisten = (socket: Owned): void => {
  socket[owner] = undefined
  socket.off("data", onData)
  socket.off("end", onEnd)
  socket.off("error", onError)
  socket.off("close", onClose)
}

/** Listens for the end of the socket, in place of an earlier owner, and for its data only if it was made with `onread`. */
export const listenForEnd = (socket: Owned, to: SocketOwner): void => {
  const isListening = socket[owner] !== undefined
  socket[owner] = to
  if (isListening) return
  socket.on("end", onEnd)
  socket.on("error", onError)
  socket.on("close", onClose)
}

function onData(this: Owned, chunk: Buffer): void {
  this[owner]?.push(chunk, chunk.length)
}
const reads = SharedReads.make(function (this: Owned, bytes, end) {
  const to = this[owner]
  if (to === undefined) return this.push(Buffer.from(bytes.subarray(0, end)))
  to.push(bytes, end)
  return true
})
/** The option `onread` of sockets that are made for an owner; whether sockets that were accepted can share its buffer. */
export const { isAvailable, onread } = reads

function onEnd(this: Owned): void {
  this[owner]?.socketEnded()
}
function onError(this: Owned, error: NodeJS.ErrnoException): void {
  this[owner]?.socketFailed?.(error)
}
function onClose(this: Owned): void {
  this[owner]?.socketClosed()
}
