import * as Schema from "effect/Schema"
import { Compress } from "./Compress.ts"
import { TemplateText, TimeSpan } from "./Fields.ts"

/** How long to wait before the client connects again, and how often it tries in a row. */
const Reconnect = Schema.Struct({
  after: Schema.optionalWith(TimeSpan, { default: () => 1000 }),
  /** Absent: until the run ends; 10 without a duration. */
  times: Schema.optional(Schema.Int.pipe(Schema.positive())),
  /** Whether to send the `http` requests before the connection again. */
  login: Schema.optional(Schema.Boolean)
})

/** The TLS settings of a client. The files are PEM; their paths are relative to the scenario. */
const Tls = Schema.Struct({
  ca: Schema.optional(Schema.String),
  cert: Schema.optional(Schema.String),
  key: Schema.optional(Schema.String),
  /** The server name (SNI), which the server's certificate must have. Absent: the host of the URL. */
  servername: Schema.optional(TemplateText),
  insecure: Schema.optional(Schema.Boolean),
  /** Whether a client that connects again offers to resume its TLS session, as browsers do. */
  resume: Schema.optional(Schema.Boolean)
})

/** How to connect. `--url` on the command line replaces `url`. */
export const Connect = Schema.Struct({
  url: Schema.optional(TemplateText),
  /** The path of a url that has none. */
  path: Schema.optional(
    Schema.String.pipe(Schema.filter((path) => path.startsWith("/") || "expected a path that begins with /"))
  ),
  query: Schema.optional(Schema.Record({ key: Schema.String, value: TemplateText })),
  headers: Schema.optionalWith(Schema.Record({ key: Schema.String, value: TemplateText }), { default: () => ({}) }),
  subprotocols: Schema.optionalWith(Schema.Array(TemplateText), { default: () => [] }),
  cookies: Schema.optional(Schema.Record({ key: Schema.String, value: TemplateText })),
  tls: Schema.optional(Tls),
  /** Compression of messages (permessage-deflate). Absent: none. */
  compress: Schema.optional(Compress),
  /** The `http:` URL of a proxy, which gets a CONNECT request. */
  proxy: Schema.optional(TemplateText),
  /** A Unix socket to use instead of the URL's host and port. */
  unixSocket: Schema.optional(TemplateText),
  /** What to do if the connection is lost or can't be opened. Absent: the conversation fails. */
  reconnect: Schema.optional(Reconnect)
})
export type Connect = typeof Connect.Type

/** A value of a url's query, as a template. What its templates give is encoded too. */
const encoded = (value: string): string =>
  value
    .split(/(\{\{.*?\}\})/)
    .map((part, index) =>
      index % 2 === 0 ? encodeURIComponent(part) : part.replace(/^\{\{([^|'"]*)\}\}$/, "{{$1 | url}}")
    )
    .join("")

/** A url with the path and the parameters that it lacks. The url may be a template. */
export const completeUrl = (url: string, { path, query = {} }: Pick<Connect, "path" | "query">): string => {
  const [, start = url, given = "", search = ""] = /^(\w+:\/\/[^/?#]*)([^?#]*)(\?[^#]*)?/.exec(url) ?? []
  const missing = Object.entries(query).filter(([name]) => !new RegExp(`[?&]${name}=`).test(search))
  if (path === undefined && missing.length === 0) return url
  const added = missing.map(([name, value]) => `${encodeURIComponent(name)}=${encoded(value)}`).join("&")
  const joint = search === "" ? "?" : "&"
  const whole = (given === "" || given === "/") && path !== undefined ? path : given
  return `${start}${whole}${search}${added === "" ? "" : joint + added}`
}

export const straight: Connect = { headers: {}, subprotocols: [] }
