import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { Connect } from "./Connect.ts"
import { TimeSpan } from "./Fields.ts"
import type { Replies } from "./Replies.ts"
import type { Every, On } from "./Rules.ts"
import * as SchemaProblem from "./SchemaProblem.ts"
import type { StepEncoded } from "./Step.ts"

/** What the file gives besides the name of its protocol, such as `auth` in `protocol: {name: socket.io, auth: {token: a}}`. */
export type ProtocolOptions = Readonly<Record<string, unknown>>

/**
 * A protocol on top of WebSockets: what every conversation begins with, what clients do beside their steps, how replies are
 * paired, and steps of its own. `docs/echo-protocols.md` describes how to write one.
 *
 * @public
 */
export interface Protocol {
  /** Defaults for `connect` of the scenario. */
  readonly connect?: Partial<typeof Connect.Encoded> | undefined
  /** Whether a frame has several messages, one on each line. */
  readonly lines?: boolean | undefined
  readonly replies?: typeof Replies.Encoded | undefined
  /** Rules; those of the scenario come before them. */
  readonly on?: typeof On.Encoded | undefined
  readonly every?: typeof Every.Encoded | undefined
  /** The steps after each connect. Throws an `Error` that says which option is wrong. */
  readonly begin?: ((options: ProtocolOptions) => ReadonlyArray<StepEncoded>) | undefined
  /** Its own steps, by name: the steps that each stands for. Throws an `Error` that says what is wrong with the value. */
  readonly steps?:
    | Readonly<Record<string, (value: unknown, options: ProtocolOptions) => ReadonlyArray<StepEncoded>>>
    | undefined
}

/** A function whose first value must be of this schema, which the JSON Schema of scenario files and the reference have too. */
interface Checked {
  readonly schema: Schema.Schema.AnyNoContext
}

/** A protocol of this package. */
export interface CheckedProtocol extends Protocol {
  readonly begin?: (NonNullable<Protocol["begin"]> & Checked) | undefined
  readonly steps: Readonly<Record<string, NonNullable<Protocol["steps"]>[string] & Checked>>
}

/** A step of a protocol whose value is checked by a schema, or its beginning, whose value are the options. */
export const step = <A, I>(
  description: string,
  schema: Schema.Schema<A, I>,
  make: (value: A, options: ProtocolOptions) => ReadonlyArray<StepEncoded>
) =>
  Object.assign(
    (value: unknown, options: ProtocolOptions = {}): ReadonlyArray<StepEncoded> => {
      const decoded = Schema.decodeUnknownEither(schema, { onExcessProperty: "error" })(value)
      if (Either.isLeft(decoded)) throw new Error(SchemaProblem.describe(decoded.left))
      return make(decoded.right, options)
    },
    { schema: schema.annotations({ description }) }
  )

/** What a step of a protocol may say of the answer that it waits for. */
export const answer = {
  capture: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String })),
  timeout: Schema.optional(Schema.encodedSchema(TimeSpan))
}
