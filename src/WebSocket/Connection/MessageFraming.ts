/**
 * What a message looks like on the wire, apart from when it is written (`Writer`). Frames messages as a connection sends them:
 * compressed if that makes them smaller, and in buffers of their own if they are large.
 */
import * as Frame from "../Frames/Frame.ts"
import type { Message } from "../Frames/Message.ts"
import type { ConnectionOptions } from "./ConnectionContext.ts"

/** From this many bytes on, what is sent is worth a write of its own: gathering more gains nothing. */
export const ENOUGH = 65536

/** A short frame, not masked yet, to gather with others; or large buffers, masked if a client sends them. */
export type Framed = Frame.ByteString | ReadonlyArray<Buffer>

type Options = Pick<ConnectionOptions, "masked" | "compression">

export const ofMessage = (message: Message, { compression, masked }: Options): Framed => {
  const payload = compression?.deflate(message)
  if (payload === undefined)
    return message.length < ENOUGH ? Frame.ofMessage(message) : [Frame.ofLarge(message, !masked)]
  const isText = typeof message === "string"
  return payload.length < ENOUGH
    ? Frame.ofCompressed(isText, payload)
    : [Frame.ofLargeCompressed(isText, payload, !masked)]
}

/** As `ofMessage`, for bytes that will not change: large ones are not copied if neither masked nor compressed. */
export const ofConstant = (message: Message, options: Options): Framed => {
  if (typeof message === "string" || message.length < ENOUGH) return ofMessage(message, options)
  if (!options.masked || options.compression !== undefined) return ofMessage(message, options)
  const { buffer, byteOffset, length } = message
  return [Frame.headOfBinary(length), Buffer.from(buffer, byteOffset, length)]
}
