import * as Schema from "effect/Schema"
import * as Capture from "./Capture.ts"

/**
 * Which message a reply answers, if its step does not say so by `answers`. `in-order`: the oldest without a reply. `key`: the one
 * with the same value at this place; `sent` and `received` if the places differ. Absent: the only message without a reply.
 */
export const Replies = Schema.Union(
  Schema.Literal("in-order"),
  Schema.Struct({ key: Capture.Capture }),
  Schema.Struct({ sent: Capture.Capture, received: Capture.Capture })
)
export type Replies = typeof Replies.Type

export type Pairing =
  /** A reply answers the only message without a reply. If there are several, nobody knows which one it answers. */
  | { readonly _tag: "Alone" }
  | { readonly _tag: "InOrder" }
  /** Reads the key of a message; a message without one is neither answered nor a reply. */
  | { readonly _tag: "Key"; readonly sent: Capture.CaptureReader; readonly received: Capture.CaptureReader }

export const compile = (replies: Replies | undefined): Pairing => {
  if (replies === undefined) return { _tag: "Alone" }
  if (replies === "in-order") return { _tag: "InOrder" }
  const { received, sent } = "key" in replies ? { received: replies.key, sent: replies.key } : replies
  return { _tag: "Key", sent: Capture.compile(sent).read, received: Capture.compile(received).read }
}
