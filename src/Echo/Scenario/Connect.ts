import * as Schema from "effect/Schema"
import { Compress } from "./Compress.ts"
import { TemplateText } from "./Fields.ts"
import { TimeSpan } from "./TimeSpan.ts"

/** A pause without a connection, and how often to try in a row. */
const Reconnect = Schema.Struct({
  after: Schema.optionalWith(TimeSpan, { default: () => 1000 }),
  /** Absent: as long as the run lasts. */
  times: Schema.optional(Schema.Int.pipe(Schema.positive()))
})

/** The TLS settings of a client; the files are PEM, beside the scenario. */
const Tls = Schema.Struct({
  /** Certificates to trust instead of the system's. */
  ca: Schema.optional(Schema.String),
  /** The client's own certificate and its key. */
  cert: Schema.optional(Schema.String),
  key: Schema.optional(Schema.String),
  /** The name to ask for (SNI), which the server's certificate must be of; absent: the host of the url. */
  servername: Schema.optional(TemplateText),
  /** Accepts any certificate of the server. */
  insecure: Schema.optional(Schema.Boolean),
  /** Whether a client that connects again offers to resume the session that it had, as browsers do. */
  resume: Schema.optional(Schema.Boolean)
})

/** How to connect. A `--url` on the command line goes before `url` here. */
export const Connect = Schema.Struct({
  url: Schema.optional(TemplateText),
  headers: Schema.optionalWith(Schema.Record({ key: Schema.String, value: TemplateText }), { default: () => ({}) }),
  subprotocols: Schema.optionalWith(Schema.Array(TemplateText), { default: () => [] }),
  cookies: Schema.optional(Schema.Record({ key: Schema.String, value: TemplateText })),
  tls: Schema.optional(Tls),
  /** Compression of messages (permessage-deflate); absent: not offered. */
  compress: Schema.optional(Compress),
  /** An `http:` url: it is asked to CONNECT. */
  proxy: Schema.optional(TemplateText),
  /** A Unix socket in place of the url's host and port. */
  unixSocket: Schema.optional(TemplateText),
  /** How to go on if the connection is lost or can't be opened. If absent, the conversation has failed. */
  reconnect: Schema.optional(Reconnect)
})
export type Connect = typeof Connect.Type

export const straight: Connect = { headers: {}, subprotocols: [] }
