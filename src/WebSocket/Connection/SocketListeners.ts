/**
 * Listeners that all sockets share: a socket knows whose it is, so that ten thousand of them do not have as many
 * functions each.
 */
import type { Socket } from "node:net"
import * as SharedReads from "./SharedReads.ts"

/** Handles the events of a socket. */
export interface SocketOwner {
  /** Takes the bytes that come before `end`, which are valid until it returns, and may be changed. */
  readonly push: (bytes: Buffer, end: number) => void
  readonly socketEnded: () => void
  readonly socketClosed: () => void
}

interface Owned extends Socket {
  [owner]?: SocketOwner | undefined
}
const owner = Symbol("effect-c10k/WebSocket/SocketListeners")

/** Listens to the socket, in the place of who listened before; for sockets that are not read by other means. */
export const listen = (socket: Owned, to: SocketOwner): void => {
  if (socket[owner] !== undefined) {
    socket[owner] = to
    return
  }
  // For what the stream holds already, and where reads can't be shared.
  socket.on("data", onData)
  shareReads(socket)
  listenForEnd(socket, to)
}

/** Leaves the socket to others, who read it as a stream. */
export const unlisten = (socket: Owned): void => {
  socket[owner] = undefined
  socket.off("data", onData)
  socket.off("end", onEnd)
  socket.off("error", onError)
  socket.off("close", onClose)
}

/** Listens for the end of the socket only. */
export const listenForEnd = (socket: Owned, to: SocketOwner): void => {
  socket[owner] = to
  socket.on("end", onEnd)
  socket.on("error", onError)
  socket.on("close", onClose)
}

function onData(this: Owned, chunk: Buffer): void {
  this[owner]?.push(chunk, chunk.length)
}
const shareReads = SharedReads.make(function (this: Owned, bytes, end) {
  const to = this[owner]
  if (to === undefined) return this.push(Buffer.from(bytes.subarray(0, end)))
  to.push(bytes, end)
  return true
})
function onEnd(this: Owned): void {
  this[owner]?.socketEnded()
}
/** An error is followed by `close`, and what a peer's reset is called concerns nobody. */
function onError(): void {}
function onClose(this: Owned): void {
  this[owner]?.socketClosed()
}
