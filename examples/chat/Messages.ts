/** The messages of a room: those that a client sends, and those that it gets. */
import { Schema } from "effect"
import { Codec } from "effect-c10k"

export const Name = Schema.NonEmptyTrimmedString.pipe(Schema.maxLength(20))

const Say = Schema.Struct({ text: Schema.NonEmptyString.pipe(Schema.maxLength(2000)) })

export const Said = Schema.Struct({ from: Schema.String, text: Schema.String })
export type Said = typeof Said.Type

export const messages = Codec.json({ in: Say, out: Said })
