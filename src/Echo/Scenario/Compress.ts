import * as Schema from "effect/Schema"
import { parseSize } from "../../Text/Size.ts"
import type { CompressionOptions } from "../../WebSocket/Frames/PerMessageDeflate.ts"
import { Size } from "./Fields.ts"

/** Whether to offer permessage-deflate, and how to compress messages if the server accepts. */
export const Compress = Schema.Union(
  Schema.Boolean,
  Schema.Struct({
    /** Whether messages may refer to earlier ones, as with browsers. They are smaller, but a client needs up to 64 KiB. Absent: no. */
    contextTakeover: Schema.optional(Schema.Boolean),
    /** Messages with fewer bytes are not compressed. Absent: all messages that become smaller are compressed, as browsers do. */
    threshold: Schema.optional(Size),
    /** The compression level of zlib, from 1 (fast) to 9 (small). Absent: 6. */
    level: Schema.optional(Schema.Int.pipe(Schema.between(1, 9)))
  })
)

/** The compression that a client offers; `undefined`: none. */
export const optionsOf = (compress: typeof Compress.Type | undefined): CompressionOptions | undefined => {
  if (compress === undefined || compress === false) return undefined
  const { contextTakeover = false, level, threshold = 0 } = compress === true ? {} : compress
  return {
    contextTakeover,
    threshold: parseSize(String(threshold)) ?? 0,
    ...(level === undefined ? {} : { level })
  }
}
