import * as Schema from "effect/Schema"
import type { CompressionOptions } from "../../WebSocket/Frames/PerMessageDeflate.ts"
import { Size } from "./Fields.ts"
import { parseSize } from "./Size.ts"

/** Whether to offer permessage-deflate, and how to compress what is sent where the server agrees. */
export const Compress = Schema.Union(
  Schema.Boolean,
  Schema.Struct({
    /** Whether messages may refer to those before, as browsers offer: smaller, for up to 64 KiB a client. Absent: no. */
    contextTakeover: Schema.optional(Schema.Boolean),
    /** Messages of fewer bytes are sent as they are. Absent: all are compressed that become smaller by it, as browsers do. */
    threshold: Schema.optional(Size),
    /** zlib's level, 1 (fast) to 9 (small). Absent: 6. */
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
