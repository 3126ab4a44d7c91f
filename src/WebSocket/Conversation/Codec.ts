/** Decodes the messages of a conversation from text or bytes to values, and encodes values as messages. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { Message } from "../Frames/Message.ts"

/** `Invalid` is a handler's failure for a message that does not decode; `never` if that closes the connection. */
export interface Codec<In, Out, Invalid = never> {
  /** Decodes a received message. */
  readonly decode: (message: Message) => Either.Either<In, ParseResult.ParseError>
  /** Encodes a value to send. If it throws, `send` dies. */
  readonly encode: (value: Out) => Message
  /** How to handle a message that does not decode. */
  readonly onInvalid: (error: ParseResult.ParseError) => Verdict<Invalid>
}

/** Closes the connection with 1007 and a reason, or fails in the handler. */
export type Verdict<Invalid> =
  | { readonly _tag: "Close"; readonly reason: string }
  | { readonly _tag: "Fail"; readonly error: Invalid }

/** No conversion: messages are strings and bytes. */
export const raw: Codec<Message, Message> = {
  decode: Either.right,
  encode: (message) => message,
  onInvalid: (error) => close(error)
}

/** The schemas of a JSON codec. */
export interface JsonOptions<In, InI, Out, OutI> {
  /** The schema of received messages. It is decoded synchronously: an asynchronous schema fails for each message. */
  readonly in: Schema.Schema<In, InI>
  /** The schema of sent messages. A value that does not encode is a defect. */
  readonly out: Schema.Schema<Out, OutI>
}

const close = (error: ParseResult.ParseError): Verdict<never> => {
  const [first] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const where = first === undefined || first.path.length === 0 ? "" : ` at ${first.path.join(".")}`
  return { _tag: "Close", reason: `invalid message${where}: ${first?.message ?? error.message}` }
}

/**
 * Messages of JSON text. A message that is not JSON, or does not fit the schema, closes the connection with 1007 and
 * the beginning of the parse error as the reason.
 */
export const json = <In, InI, Out, OutI>(schemas: JsonOptions<In, InI, Out, OutI>): Codec<In, Out> => of(schemas, close)

/** As `json`, but a wrong message fails in the handler with `ParseError`, and the handler may continue. */
export const jsonOrFail = <In, InI, Out, OutI>(
  schemas: JsonOptions<In, InI, Out, OutI>
): Codec<In, Out, ParseResult.ParseError> => of(schemas, (error) => ({ _tag: "Fail", error }))

const of = <In, InI, Out, OutI, Invalid>(
  schemas: JsonOptions<In, InI, Out, OutI>,
  onInvalid: Codec<In, Out, Invalid>["onInvalid"]
): Codec<In, Out, Invalid> => {
  const text = Schema.decodeUnknownEither(Schema.parseJson(schemas.in))
  return {
    decode: (message) => text(typeof message === "string" ? message : textOf(message)),
    encode: jsonEncoder(schemas.out),
    onInvalid
  }
}

/** Encodes values as JSON text. */
export const jsonEncoder = <Out, OutI>(schema: Schema.Schema<Out, OutI>): ((value: Out) => string) =>
  Schema.encodeSync(Schema.parseJson(schema))

const decoder = new TextDecoder()
const textOf = (bytes: Uint8Array): string => decoder.decode(bytes)
